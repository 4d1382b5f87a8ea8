from hub.passwords import PasswordHash, new_password


def test_every_password_is_new_and_can_be_read_aloud() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(word) == 4 for password in made for word in password.split("-"))


def test_a_hash_knows_its_password_and_no_other() -> None:
    stored = PasswordHash.of("bavo-lemi-tiru-sano")
    assert stored.matches("bavo-lemi-tiru-sano")
    assert not stored.matches("bavo-lemi-tiru-san")
    assert not stored.matches("")


def test_the_same_password_is_never_stored_alike_twice() -> None:
    assert PasswordHash.of("a") != PasswordHash.of("a")
    assert b"bavo" not in PasswordHash.of("bavo").digest
