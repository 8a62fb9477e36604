#pragma once

#include "payments.hpp"
#include "pipes.hpp"

#include <cstdint>
#include <vector>

namespace leat::testing {

/// Runs the job over and over while payments come in, and kills each run at a moment that only the seed knows, the first of
/// them not before positions were committed; then lets another one read to the end.
struct crash_loop {
  pipes& through;
  std::uint64_t seed;
  int kills = 8;
  int longest = 700; ///< ms that a run may last

  job_summary run(const std::vector<payment>& payments, int per_second) const;
};

} // namespace leat::testing
