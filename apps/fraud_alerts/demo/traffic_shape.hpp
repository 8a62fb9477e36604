#pragma once

#include <leat/apps/fraud_alerts/rules.hpp>

#include <cstddef>
#include <cstdint>

namespace leat::fraud {

/// The bounds of honest traffic: within them no user can break a rule, whatever the random numbers are.
struct traffic_shape {
  double largest_amount = 0; ///< of an honest transaction
  duration pause{};          ///< between two transactions of one user, at least
  duration stay{};           ///< in one country before a transaction in another, at least, and a millisecond more
  duration quiet{};          ///< before and after a fraud its victim does nothing: no window holds both
  duration span{};           ///< event time from the first to the last transaction, about
  std::size_t users = 0;
};

/// The bounds that `what` demands of `events` transactions. Rules that are off demand nothing.
[[nodiscard]] traffic_shape shape_of(const rules& what, std::int64_t events);

} // namespace leat::fraud
