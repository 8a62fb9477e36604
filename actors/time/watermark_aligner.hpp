#pragma once

#include <leat/actors/caf.hpp>
#include <leat/actors/time/alignment_group.hpp>

#include <map>
#include <string>

namespace leat {

/// To the aligner, before the partition is read: it is a member of this group.
struct align_source {
  actor_id id = 0;
  caf::actor source;
  std::string group;
  duration max_drift{};
};

/// Hears from the aligned partitions of a job how far they have come, and tells each how far it may read; what to tell is
/// decided by `alignment_group`. One per job, since a group may hold sources that no edge connects.
class watermark_aligner_state {
public:
  static inline const char* name = "watermark_aligner";

  void init(caf::event_based_actor* self) noexcept { self_ = self; }
  caf::behavior make_behavior();

private:
  struct member {
    caf::actor actor;
    std::string group;
  };

  void tell(const std::vector<alignment_group::news>& what);

  caf::event_based_actor* self_ = nullptr;
  std::map<actor_id, member> members_;
  std::map<std::string, alignment_group> groups_;
};

/// CAF 0.17.6 dereferences a null pointer to the arguments of an actor function that takes none: this is one.
struct aligner_start {};

caf::behavior watermark_aligner(caf::stateful_actor<watermark_aligner_state>* self, aligner_start);

} // namespace leat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::align_source)
