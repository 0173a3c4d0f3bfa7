"""Quick hashes: these tests sign in hundreds of times, and only one of them is about what a hash costs."""

import pytest


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
