#pragma once

#include <leat/pipeline/streams/stream.hpp>

#include <memory>
#include <string>
#include <utility>

namespace leat {

/// A pipeline under construction: give it sources, steps and sinks, then `leat::run` it.
class job {
public:
  /// @param name names the job in logs and metrics, and is its consumer group at Kafka unless the configuration says otherwise.
  explicit job(std::string name) : builder_{std::make_shared<plan_builder>(std::move(name))} {}

  /// Reads from a source, such as `kafka::source<T>("topic", json)`.
  template <class Spec>
  stream<typename Spec::record> source(const Spec& from) {
    static_assert(source_spec<Spec>, "source(…) takes a source, such as kafka::source<T>(\"topic\", json)");
    using record = typename Spec::record;
    const auto& watermarks = from.watermarks();
    if (!watermarks.mistake().empty())
      builder_->note_mistake("source '" + std::string{from.name()} + "': " + watermarks.mistake());
    std::optional<watermark_alignment> alignment;
    if constexpr (requires { from.alignment(); })
      alignment = from.alignment();
    if (alignment && !alignment->mistake().empty())
      builder_->note_mistake("source '" + std::string{from.name()} + "': " + alignment->mistake());
    std::optional<duration> idle_timeout;
    if constexpr (requires { from.idle_timeout(); })
      idle_timeout = from.idle_timeout();
    if (idle_timeout && *idle_timeout <= duration::zero())
      builder_->note_mistake("source '" + std::string{from.name()} + "': idle_after takes a span above 0 ms");
    return {
      builder_, builder_->add_source(
                  from.name(), from.make_source(), [] { return make_pool<record>(); }, watermarks.make(),
                  from.make_dead_letters(), std::move(alignment), idle_timeout)};
  }

  /// What has been described so far.
  [[nodiscard]] const dataflow_plan& plan() const noexcept { return builder_->plan(); }
  [[nodiscard]] dataflow_plan& plan() noexcept { return builder_->plan(); }

private:
  std::shared_ptr<plan_builder> builder_;
};

} // namespace leat
