// Joins a room with ZEGO's Express SDK for Flutter and renews its token.
// Not run here. Signatures: pub.dev/documentation/zego_express_engine. Needs package:http.

import 'dart:async';
import 'dart:convert';
import 'dart:math';

import 'package:http/http.dart' as http;
import 'package:zego_express_engine/zego_express_engine.dart';

class Refused implements Exception {
  Refused(this.status, this.problem, this.retryAfter);
  final int status, retryAfter;
  final Map<String, dynamic> problem; // `rule` and `detail` say why
}

class Room {
  Room(this.api, this.id, this.jwt, this.onEnd);
  final String api, id;
  final Future<String> Function() jwt;
  final void Function(Refused) onEnd; // no more tokens: stop
  Timer? _timer;
  bool _renewing = false, _ended = false;

  Future<Map<String, dynamic>> _fetch() async {
    final answer = await http.post(Uri.parse('$api/v1/rooms/${Uri.encodeComponent(id)}/tokens'),
        headers: {'Authorization': 'Bearer ${await jwt()}', 'Content-Type': 'application/json'}, body: '{}');
    final body = jsonDecode(answer.body) as Map<String, dynamic>;
    if (answer.statusCode == 200) return body;
    throw Refused(answer.statusCode, body, int.tryParse(answer.headers['retry-after'] ?? '') ?? 0);
  }

  Future<void> join() async {
    final issued = await _fetch();
    await ZegoExpressEngine.createEngineWithProfile(ZegoEngineProfile(issued['app_id'], ZegoScenario.StandardVideoCall));
    ZegoExpressEngine.onRoomTokenWillExpire = (_, __) => _renew();
    final config = ZegoRoomConfig.defaultConfig()..token = issued['token'];
    await ZegoExpressEngine.instance.loginRoom(id, ZegoUser(issued['user_id'], issued['user_id']), config: config);
    _plan(issued['refresh_in']);
  }

  void _plan(num seconds) {
    _timer?.cancel();
    if (!_ended) _timer = Timer(Duration(seconds: max(seconds.ceil(), 5)), _renew);
  }

  Future<void> _renew() async {
    if (_renewing || _ended) return;
    _renewing = true;
    try {
      final next = await _fetch();
      if (_ended) return;
      await ZegoExpressEngine.instance.renewToken(id, next['token']); // the room comes first, unlike on the Web
      _plan(next['refresh_in']);
    } on Refused catch (refused) {
      if (refused.status < 500 && refused.status != 429) {
        _ended = true;
        return onEnd(refused);
      }
      _plan(max(refused.retryAfter, 10));
    } catch (_) {
      _plan(10); // offline
    } finally {
      _renewing = false;
    }
  }

  Future<void> leave() async {
    _ended = true;
    _timer?.cancel();
    await ZegoExpressEngine.instance.logoutRoom(id);
  }
}
