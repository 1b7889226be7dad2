"""From a brief to an article: the durable workflow, its writers, its progress and cost."""
