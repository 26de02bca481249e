"""Why a publication did not go through; the public file is whole in every case."""


class PublishingError(Exception):
    """A step of a publication that was not done."""


class ChangedMeanwhileError(PublishingError):
    """The served file is another one than the audit compared with: it has to be done again."""


class MissingFileError(PublishingError):
    """A file that a step needs is not there."""


class NotServedError(PublishingError):
    """What the public URL answers is not what was promoted: the highest severity."""
