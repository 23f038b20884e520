"""Socket.IO: connections, rooms, acknowledgements, emits."""
