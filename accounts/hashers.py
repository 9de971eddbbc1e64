from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at 19 MiB and two passes: Django's default takes 100 MiB for every login."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
