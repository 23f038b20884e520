"""What can keep the embedded MongoDB from running, said to the person at the terminal."""


class EmbeddedMongoError(Exception):
    """There is no usable embedded MongoDB; the message is a sentence that says what to do."""


class ServerDied(EmbeddedMongoError):
    """The mongod ended, or never had its port, before it was of use."""


class NotAnswering(EmbeddedMongoError):
    """The mongod holds its port but says nothing: stopped, or hung."""
