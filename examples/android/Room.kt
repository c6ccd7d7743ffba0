// Joins a room with ZEGO's Express SDK for Android and renews its token.
// Not run here. Signatures: as zego-express-engine-reactnative 3.22.0 calls them. Needs kotlinx-coroutines.

import android.app.Application
import im.zego.zegoexpress.ZegoExpressEngine
import im.zego.zegoexpress.callback.IZegoEventHandler
import im.zego.zegoexpress.constants.ZegoScenario
import im.zego.zegoexpress.entity.ZegoEngineProfile
import im.zego.zegoexpress.entity.ZegoRoomConfig
import im.zego.zegoexpress.entity.ZegoUser
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import java.net.URLEncoder
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.json.JSONObject

class Refused(val status: Int, val retryAfter: Long, val problem: String) : IOException("HTTP $status")

/** `scope` runs on the main thread. `onEnd` is called when there are no more tokens. */
class Room(
    private val api: String,
    private val id: String,
    private val scope: CoroutineScope,
    private val jwt: suspend () -> String,
    private val onEnd: (Refused) -> Unit,
) {
    private var timer: Job? = null
    private var renewing = false
    private var ended = false

    private suspend fun fetch(): JSONObject {
        val token = jwt()
        return withContext(Dispatchers.IO) {
            val segment = URLEncoder.encode(id, "UTF-8").replace("+", "%20")
            val connection = URL("$api/v1/rooms/$segment/tokens").openConnection() as HttpURLConnection
            connection.requestMethod = "POST"
            connection.doOutput = true
            connection.setRequestProperty("Authorization", "Bearer $token")
            connection.setRequestProperty("Content-Type", "application/json")
            connection.outputStream.use { it.write("{}".toByteArray()) }
            val status = connection.responseCode
            if (status == 200) return@withContext JSONObject(connection.inputStream.bufferedReader().readText())
            val retryAfter = connection.getHeaderField("Retry-After")?.toLongOrNull() ?: 0
            throw Refused(status, retryAfter, connection.errorStream?.bufferedReader()?.readText() ?: "")
        }
    }

    suspend fun join(application: Application) {
        val issued = fetch()
        val profile = ZegoEngineProfile()
        profile.appID = issued.getLong("app_id")
        profile.scenario = ZegoScenario.STANDARD_VIDEO_CALL
        profile.application = application
        ZegoExpressEngine.createEngine(profile, object : IZegoEventHandler() {
            override fun onRoomTokenWillExpire(roomID: String, remainTimeInSecond: Int) = renew()
        })
        val config = ZegoRoomConfig()
        config.token = issued.getString("token")
        val user = issued.getString("user_id")
        ZegoExpressEngine.getEngine().loginRoom(id, ZegoUser(user, user), config)
        plan(issued.getLong("refresh_in"))
    }

    private fun plan(seconds: Long) {
        timer?.cancel()
        if (ended) return
        timer = scope.launch {
            delay(maxOf(seconds, 5) * 1000)
            renew()
        }
    }

    private fun renew() {
        if (renewing || ended) return
        renewing = true
        scope.launch {
            try {
                val next = fetch()
                if (ended) return@launch
                ZegoExpressEngine.getEngine().renewToken(id, next.getString("token")) // the room comes first
                plan(next.getLong("refresh_in"))
            } catch (refused: Refused) {
                ended = refused.status < 500 && refused.status != 429
                if (ended) onEnd(refused) else plan(maxOf(refused.retryAfter, 10))
            } catch (offline: IOException) {
                plan(10)
            } finally {
                renewing = false
            }
        }
    }

    fun leave() {
        ended = true
        timer?.cancel()
        ZegoExpressEngine.getEngine().logoutRoom(id)
    }
}
