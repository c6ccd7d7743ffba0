// Joins a room with ZEGO's Express SDK for iOS and renews its token.
// Not run here. Signatures: as zego-express-engine-reactnative 3.22.0 calls them, in Swift.

import Foundation
import ZegoExpressEngine

struct Issued: Decodable {
    let token: String, app_id: UInt32, user_id: String, refresh_in: Int
}

struct Refused: Error {
    let status: Int, retryAfter: Int, problem: Data
}

@MainActor
final class Room: NSObject, ZegoEventHandler {
    private let url: URL, id: String
    private let jwt: () async throws -> String
    private let onEnd: (Refused) -> Void  // no more tokens: stop
    private var timer: Task<Void, Error>?
    private var renewing = false, ended = false

    init(api: URL, id: String, jwt: @escaping () async throws -> String, onEnd: @escaping (Refused) -> Void) {
        let segment = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        self.url = URL(string: "\(api.absoluteString)/v1/rooms/\(segment)/tokens")!
        self.id = id
        self.jwt = jwt
        self.onEnd = onEnd
    }

    private func fetch() async throws -> Issued {
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.setValue("Bearer \(try await jwt())", forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data("{}".utf8)
        let (body, response) = try await URLSession.shared.data(for: request)
        let answer = response as! HTTPURLResponse
        guard answer.statusCode == 200 else {
            let retryAfter = Int(answer.value(forHTTPHeaderField: "Retry-After") ?? "") ?? 0
            throw Refused(status: answer.statusCode, retryAfter: retryAfter, problem: body)
        }
        return try JSONDecoder().decode(Issued.self, from: body)
    }

    func join() async throws {
        let issued = try await fetch()
        let profile = ZegoEngineProfile()
        profile.appID = issued.app_id
        profile.scenario = .default
        ZegoExpressEngine.createEngine(with: profile, eventHandler: self)
        let config = ZegoRoomConfig()
        config.token = issued.token
        let user = ZegoUser(userID: issued.user_id, userName: issued.user_id)
        ZegoExpressEngine.shared().loginRoom(id, user: user, config: config)
        plan(issued.refresh_in)
    }

    nonisolated func onRoomTokenWillExpire(_ remainTimeInSecond: Int32, roomID: String) {
        Task { await renew() }
    }

    private func plan(_ seconds: Int) {
        timer?.cancel()
        guard !ended else { return }
        timer = Task {
            try await Task.sleep(nanoseconds: UInt64(max(seconds, 5)) * 1_000_000_000)
            Task { await renew() }  // one of its own, which a new plan does not cancel
        }
    }

    private func renew() async {
        guard !renewing, !ended else { return }
        renewing = true
        defer { renewing = false }
        do {
            let next = try await fetch()
            guard !ended else { return }
            ZegoExpressEngine.shared().renewToken(next.token, roomID: id)  // in Swift, the token comes first
            plan(next.refresh_in)
        } catch let refused as Refused where refused.status < 500 && refused.status != 429 {
            ended = true
            onEnd(refused)
        } catch {
            plan(max((error as? Refused)?.retryAfter ?? 0, 10))  // offline too
        }
    }

    func leave() {
        ended = true
        timer?.cancel()
        ZegoExpressEngine.shared().logoutRoom(id)
    }
}
