#pragma once

#include <leat/base/settings.hpp>
#include <leat/pipeline/job.hpp>

namespace leat::fraud {

/// The job from Kafka to Kafka, with topics, rules and out-of-orderness as configured; exactly-once if it has checkpoints.
/// @throws config_error as `rules_from`.
[[nodiscard]] job fraud_alerts_job(const settings& config);

} // namespace leat::fraud
