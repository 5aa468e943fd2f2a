"""The gateway: customers' mail is answered by an assistant or becomes a case in Creatio.

The map. Imports point down it; rooms on one line do not know each other.

    cli             the commands an operator types
    bench           the published measurements
    demo            the toy world: a Creatio simulator, a mailbox, five mails
    daemon          starts, reloads, stops; says who plays which part
    intake          1 mail comes in: smtp, imap          worker      carries out the to-do list
    assistant       5 the AI is asked                    web         the inbox, the hook, the API, metrics
    creatio         6 the case is kept                   resolver    the DNS is asked
    relay           7 the reply goes out                 scanner     clamd is asked about files
    pipeline        the life of a mail: accept, read, decide, file, listen, send; people; tend
    store           the cellar: all we remember
    ports           what the pipeline expects of the world
    desk            4 what a help desk thinks            pure
    conversations   3 a mail finds its conversation      pure
    mail            2 a mail is understood               pure
    offload         a pure function in a process of its own        http_client   an HTTP call with limits
    config          the settings, read once      log   one line an event      health   each connection's state
    errors          what to do about it
"""
