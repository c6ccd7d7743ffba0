"""An iterator of tokens that several threads or processes go on with: no IV comes twice.

Forks happen in a process of their own, which has no threads but those of the test.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier

import pytest

from tests.factories import SECRET
from tests.independent import Opened, open_token
from tests.token_arguments import TOKEN04
from zego_token import Cipher, generate_tokens04
from zego_token.bulk import BATCH_TOKENS

USERS = 2 * BATCH_TOKENS + 50
FORKS = f"""
import json, os, sys
from zego_token import Cipher, generate_tokens04

def child(work):
    '''What work() returns in a child.'''
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        with os.fdopen(reader) as answer:
            return json.load(answer)
    with os.fdopen(writer, "w") as answer:
        json.dump(work(), answer)
    os._exit(0)

def rest():
    return [list(tokens)]

def some_then_fork():
    own = [next(tokens) for _ in range(3)]
    return child(rest) + [own + list(tokens)]

users = (str(number) for number in range({USERS}))
tokens = generate_tokens04(1, users, {SECRET!r}, 3600, cipher=Cipher(sys.argv[1]))
before = [next(tokens) for _ in range(int(sys.argv[2]))]
json.dump([before, *child(rest), *child(some_then_fork), *rest()], sys.stdout)
"""
LOCKED = f"""
import os, sys
from threading import Event, Thread
from zego_token import decode_token, generate_tokens04

asked, go_on = Event(), Event()

class Users:
    def __iter__(self):
        return self

    def __next__(self):
        if os.getpid() == parent:
            asked.set()
            go_on.wait()
            raise StopIteration
        return "child"

parent = os.getpid()
tokens = generate_tokens04(1, Users(), {SECRET!r}, 3600)
thread = Thread(target=lambda: next(tokens, None))
thread.start()
asked.wait()  # the thread is inside the iterator
pid = os.fork()
if pid == 0:
    print(decode_token(next(tokens), {SECRET!r}).user_id, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
go_on.set()
thread.join()
"""


def run(program: str, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def opened(tokens: list[str]) -> list[Opened]:
    return [open_token(token, SECRET) for token in tokens]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot fork here")
@pytest.mark.parametrize("taken", [0, 1, BATCH_TOKENS, BATCH_TOKENS + 100])
@pytest.mark.parametrize("cipher", Cipher)
def test_parent_and_children_go_on_with_tokens_of_their_own(cipher: Cipher, taken: int) -> None:
    # given: a parent that has taken some tokens, two children, and a child of the second one
    before, first, grandchild, second, parent = map(opened, json.loads(run(FORKS, cipher, str(taken))))

    # then: each goes on with the users that are left
    left = [str(number) for number in range(taken, USERS)]
    for tokens in (first, second, parent):
        assert [token.content["user_id"] for token in tokens] == left
    assert [token.content["user_id"] for token in grandchild] == left[3:]
    # and: no IV is there twice
    every = list(chain(before, first, grandchild, second, parent))
    assert len({token.iv for token in every}) == len(every)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot fork here")
def test_a_child_does_not_wait_for_a_thread_of_its_parent() -> None:
    assert run(LOCKED) == "child\n"


@pytest.mark.parametrize("cipher", Cipher)
def test_threads_share_an_iterator(cipher: Cipher) -> None:
    threads, users = 4, 20 * BATCH_TOKENS + 7
    arguments = {name: value for name, value in TOKEN04.items() if name != "user_id"}
    tokens = generate_tokens04(user_ids=map(str, range(users)), **arguments, cipher=cipher)
    ready = Barrier(threads)

    def take() -> list[str]:
        ready.wait()
        return list(tokens)

    # when
    with ThreadPoolExecutor(threads) as pool:
        taken = [task.result() for task in [pool.submit(take) for _ in range(threads)]]

    # then: each user's token went to one of them, and none shares its IV
    every = opened(list(chain(*taken)))
    assert sorted(int(token.content["user_id"]) for token in every) == list(range(users))
    assert len({token.iv for token in every}) == users
