"""The only network: one client over httpx, for one command that ends when its time is over."""

from modelreg_cli.http.address import shown
from modelreg_cli.http.answer import Answer, HttpError, Piece
from modelreg_cli.http.client import MAX_BODY, Client
from modelreg_cli.http.deadline import Deadline

__all__ = ["MAX_BODY", "Answer", "Client", "Deadline", "HttpError", "Piece", "shown"]
