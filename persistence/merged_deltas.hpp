#pragma once

#include <leat/messages/snapshot.hpp>

namespace leat {

/// One snapshot of an actor that says what two of it said, one after the other: of each key what the newer says, when it has it.
/// So however many are merged, it has each key that the actor has, or had before the first of them, about once. In neither may a key be removed behind
/// where it is put.
[[nodiscard]] actor_state merge_deltas(const actor_state& older, const actor_state& newer);

/// What of the last snapshot of an actor counts in each checkpoint that follows: what replaces entries of all or of anyone, for
/// in the next one others replace theirs.
[[nodiscard]] actor_state lasting_deltas(const actor_state& of);

} // namespace leat
