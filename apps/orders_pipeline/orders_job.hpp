#pragma once

#include <leat/apps/orders_pipeline/customer_lookup.hpp>
#include <leat/base/settings.hpp>
#include <leat/pipeline/job.hpp>

#include <memory>

namespace leat::orders {

/// The job from Kafka to Kafka and PostgreSQL; exactly-once if it has checkpoints.
/// @param customers outlives the job.
[[nodiscard]] job orders_job(const settings& config, std::shared_ptr<const customer_lookup> customers);

} // namespace leat::orders
