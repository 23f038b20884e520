"""Licensing: provider catalogues behind caches and quotas, and dated evidence of licences."""
