"""Tokens of many users, minted before the clock starts: signing one costs 31 µs, more than sending a request."""

from datetime import timedelta

from app.clock import Clock
from app.services.identity.minting import mint_token

LIFETIME = timedelta(hours=6)


class TokenPool:
    """The tokens of users 0, 1, 2, …; one that was not made in advance is made when it is asked for."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._tokens: list[bytes] = []

    def __len__(self) -> int:
        return len(self._tokens)

    def __getitem__(self, user: int) -> bytes:
        if user >= len(self._tokens):
            self.grow_to(user + 1)
        return self._tokens[user]

    def grow_to(self, users: int) -> None:
        """Mint the tokens of all users below `users`."""
        for user in range(len(self._tokens), users):
            token = mint_token(self._secret, user_id=f"user-{user:07}", clock=self._clock, lifetime=LIFETIME)
            self._tokens.append(token.encode())
