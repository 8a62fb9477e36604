#pragma once

#include <leat/actors/dataflow_plan.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Where a stream comes from: the output of one step of one stage.
struct stream_origin {
  std::size_t stage = 0;
  std::size_t step = stage_head;
  std::size_t port = 0; ///< 0 is the step's main output, n + 1 its side output n
};

/// A stream comes from one place, or from several after a union.
using stream_origins = std::vector<stream_origin>;

/// Collects what the typed API says into a `dataflow_plan`. Shared by a job and all its streams.
class plan_builder {
public:
  explicit plan_builder(std::string job);

  [[nodiscard]] dataflow_plan& plan() noexcept { return plan_; }

  stream_origins add_source(
    const std::string& name, std::shared_ptr<source> from, std::function<boost::intrusive_ptr<batch_pool>()> make_pool,
    duration bound, std::shared_ptr<sink> dead_letters);

  /// Adds a step behind each origin; it runs in their actors.
  /// @param kind "filter": names the step until `rename`.
  stream_origins add_step(
    const stream_origins& after, std::string_view kind, const std::function<std::unique_ptr<step>(step_context)>& make);

  /// A side output of the step at `of`, to be read.
  /// @param record_type see `batch_base::record_type`; another one for the same name is a mistake.
  stream_origins add_side_output(const stream_origins& of, const std::string& name, const void* record_type);

  /// Adds a keyed stage whose first step is `make`'s, fed by every origin through the partitioners of `divide`.
  stream_origins add_keyed(
    const stream_origins& from, std::string_view kind,
    const std::function<std::unique_ptr<partitioner>(edge_context)>& divide,
    const std::function<std::unique_ptr<step>(step_context)>& make);

  void add_sink(
    const stream_origins& from, std::string name, std::shared_ptr<sink> to,
    const std::function<std::unique_ptr<partitioner>(edge_context)>& divide);

  /// Notes a mistake in the description. Nothing throws while a job is described: `main` would have to catch it. The
  /// mistakes come to light, all at one place, when the job is to run.
  void note_mistake(std::string text) { plan_.mistakes.push_back(std::move(text)); }

  /// Names the step at `what`; a mistake for a stream that comes from several places.
  void rename(const stream_origins& what, std::string name);

  /// How many actors the stage at `what` has; a mistake for sources.
  void set_parallelism(const stream_origins& what, std::uint32_t parallelism);

private:
  std::string unused_name(std::string_view kind);
  stage_plan* only_stage(const stream_origins& what, std::string_view verb);

  dataflow_plan plan_;
  std::map<std::string, int, std::less<>> used_; // per kind: how many steps have been named automatically
};

} // namespace leat
