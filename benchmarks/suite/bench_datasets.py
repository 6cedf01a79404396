"""Seconds of the card stream: simulator, features and folds."""

from skgensample.datasets import card_transaction_features, make_card_transactions
from skgensample.model_selection import PrequentialSplit


class CardStream:
    """A third of the handbook's half year."""

    timeout = 300

    def setup(self):
        """Make the stream."""
        self.stream = make_card_transactions(n_days=61, random_state=0)

    def time_make(self):
        """Seconds to simulate."""
        make_card_transactions(n_days=61, random_state=0)

    def time_features(self):
        """Seconds to make 15 features."""
        card_transaction_features(self.stream)

    def time_split(self):
        """Seconds to make the folds."""
        stream = self.stream
        cv = PrequentialSplit(time=stream["TX_DATETIME"], card=stream["CUSTOMER_ID"])
        list(cv.split(stream, stream["TX_FRAUD"]))
