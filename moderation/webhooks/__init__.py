"""Messages to the platform over HTTP, by the Standard Webhooks specification.

    outbox -> document of the message -> signed, and posted -> delivered, tried again, or dead

Source: Standard Webhooks 1.0.0 - https://www.standardwebhooks.com
"""
