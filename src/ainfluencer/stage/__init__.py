"""The Stage: a private network on this machine where characters post and a simulated audience reacts. A small platform
of its own: nothing imports it; the studio reaches it over HTTP like any other platform.
"""
