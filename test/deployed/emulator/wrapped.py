"""The AWS emulator (MiniStack 1.5.33, pinned: this patches what is inside) with the gaps closed that the deployed tests meet,
and with faults. Started by ../setup.ts in place of `-m ministack`.

Each gap has a file of its own that says what AWS does and the emulator does not. What is left open stands in ../client.ts."""

import alarms
import copy_conditions
import faults
import function_faults
import message_moves
import ministack.app
import multipart_uploads
import policies
import subscriptions

alarms.install()
copy_conditions.install()
message_moves.install()
multipart_uploads.install()
policies.install()
subscriptions.install()
function_faults.install()
faults.install()

# With TLS it would take port 443 too, for clients that no test has.
ministack.app._port_is_bindable = lambda *_address: False

if __name__ == "__main__":
    ministack.app.main()
