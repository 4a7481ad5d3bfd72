"""Plain commands and questions, understood without a model."""
