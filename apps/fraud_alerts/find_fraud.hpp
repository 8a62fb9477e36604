#pragma once

#include <leat/apps/fraud_alerts/rules.hpp>
#include <leat/pipeline/streams/stream.hpp>

namespace leat::fraud {

/// The steps between the transactions and the alerts: a branch for each rule that is enabled, merged.
///
/// A burst that is above the limit of `rate` in several windows raises one alert, for the first of them: a window counts
/// only when the one a slide before it was not above the limit. So no state beyond the windows is needed, and the result
/// does not depend on parallelism or on the order of arrival.
///
/// `country-change` and `small-then-large` look at pairs of a user's transactions, in the order of their event times: see
/// `pair_finder`.
[[nodiscard]] stream<alert> find_fraud(const stream<transaction>& transactions, const rules& what);

} // namespace leat::fraud
