#pragma once

#include <leat/actors/dataflow_plan.hpp>

#include <map>
#include <memory>
#include <optional>
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

/// Makes a partitioner for each sending actor of an edge.
using make_partitioner = std::function<std::unique_ptr<partitioner>(edge_context)>;

/// Makes a step for each actor of its stage.
using make_step = std::function<std::unique_ptr<step>(step_context)>;

/// One input of a stage: what it reads, and how records find their actor.
struct stage_input {
  stream_origins from;
  make_partitioner divide;
  std::uint32_t parallelism = 0; ///< how many actors have anything to do with it; 0: as many as the job says
  record_kind records{};
  bool copies = false; ///< whether `divide` gives a record to more than one actor
};

/// Collects what the typed API says into a `dataflow_plan`. Shared by a job and all its streams.
class plan_builder {
public:
  explicit plan_builder(std::string job);

  [[nodiscard]] dataflow_plan& plan() noexcept { return plan_; }

  stream_origins add_source(
    const std::string& name, std::shared_ptr<source> from, std::function<boost::intrusive_ptr<batch_pool>()> make_pool,
    make_watermark_strategy watermarks, std::shared_ptr<sink> dead_letters,
    std::optional<watermark_alignment> alignment = {}, std::optional<duration> idle_timeout = {});

  /// `name`, or with a number behind it when a step has that name.
  [[nodiscard]] std::string free_name(const std::string& name) const;

  /// Adds a step behind each origin; it runs in their actors.
  /// @param kind "filter": names the step until `rename`.
  stream_origins add_step(const stream_origins& after, std::string_view kind, const make_step& make);

  /// A side output of the step at `of`, to be read.
  /// @param record_type see `batch_base::record_type`; another one for the same name is a mistake.
  stream_origins add_side_output(const stream_origins& of, const std::string& name, const std::type_info* record_type);

  /// Has the step at `of` make dead letters of the records that its function refuses: for those of the first source that leads
  /// to it and has any.
  void add_dead_letters(const stream_origins& of);

  /// Adds a keyed or worker stage whose first step is `make`'s, with the parallelism of its first input.
  /// @param inputs those of the first step, in order: one or two.
  stream_origins
  add_stage(stage_kind stage, const std::vector<stage_input>& inputs, std::string_view kind, const make_step& make);

  /// Adds a sink with the parallelism of its input.
  /// @param record_type see `batch_base::record_type`.
  /// @returns the index of its stage.
  std::size_t add_sink(
    const stage_input& input, std::string name, std::shared_ptr<sink> to, delivery guarantee,
    const std::type_info* record_type);

  /// Notes a mistake in the description. Nothing throws while a job is described: `main` would have to catch it. The
  /// mistakes come to light, all at one place, when the job is to run.
  void note_mistake(std::string text) { plan_.mistakes.push_back(std::move(text)); }

  // The step at `what`; a mistake for a stream that comes from several places.

  void rename(const stream_origins& what, std::string name);
  void set_uid(const stream_origins& what, std::string uid);

  /// How many actors its stage has; a mistake for sources.
  void set_parallelism(const stream_origins& what, std::uint32_t parallelism);

private:
  [[nodiscard]] std::optional<std::size_t> letters_before(std::size_t stage) const;
  void connect(const stage_input& input, std::size_t to_stage, std::size_t to_input);
  std::string unused_name(std::string_view kind);
  stage_plan* only_stage(const stream_origins& what, std::string_view verb);

  dataflow_plan plan_;
  std::map<std::string, int, std::less<>> used_; // per kind: how many steps have been named automatically
};

} // namespace leat
