"""The grades as other programs take them, and feedback as a platform takes it back."""
