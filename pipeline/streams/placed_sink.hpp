#pragma once

#include <leat/pipeline/plan_builder.hpp>

#include <memory>
#include <string>
#include <utility>

namespace leat {

/// A sink in its place in a job.
class placed_sink {
public:
  placed_sink(std::shared_ptr<plan_builder> builder, std::size_t stage)
    : builder_{std::move(builder)}, place_{{stage, stage_head}} {}

  /// Names the sink, for metrics and errors.
  const placed_sink& named(std::string name) const {
    builder_->rename(place_, std::move(name));
    return *this;
  }

  /// Identifies what is saved of the sink, instead of its name: so that the name may change.
  const placed_sink& uid(std::string uid) const {
    builder_->set_uid(place_, std::move(uid));
    return *this;
  }

  /// Writes with so many actors.
  const placed_sink& with_parallelism(std::uint32_t parallelism) const {
    builder_->set_parallelism(place_, parallelism);
    return *this;
  }

private:
  std::shared_ptr<plan_builder> builder_;
  stream_origins place_;
};

} // namespace leat
