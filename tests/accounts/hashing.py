"""A hasher that tells how often a password was hashed: what takes the time of a login."""

from django.contrib.auth.hashers import MD5PasswordHasher

hashed: list[str] = []


class Counting(MD5PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        hashed.append(password)
        return str(super().encode(password, salt))
