"""The platforms, emulated on 127.0.0.1 from one made-up world; a development tool.

`emulator` holds the contract of a platform's module and is what an author reads first; `entities` and `world` are what
is shown, `canon` makes canonical records of it, `clock` scales time and limits, `shapes` keeps payloads like the
samples, `changes` moves the world on, `faults`, `log`, `files`, `control` and `server` are around all of them.
"""
