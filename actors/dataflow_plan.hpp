#pragma once

#include <leat/connectors/sink.hpp>
#include <leat/connectors/source.hpp>
#include <leat/connectors/watermark_alignment.hpp>
#include <leat/messages/record_codec.hpp>
#include <leat/messages/watermark_strategy.hpp>
#include <leat/operators/partitioner.hpp>
#include <leat/operators/step.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

namespace leat {

/// Stands for the head of a stage, where its input comes in, as the parent of a step or the start of an edge.
inline constexpr std::size_t stage_head = static_cast<std::size_t>(-1);

/// A second output of a step that somebody reads.
struct side_output_plan {
  std::string name;                            ///< unique in the step
  const std::type_info* record_type = nullptr; ///< see `batch_base::record_type`
};

/// One step of a stage: runs in each of the stage's actors.
struct step_plan {
  std::string name;                                        ///< unique in the job
  std::size_t parent = stage_head;                         ///< index of the step before it in the stage
  std::function<std::unique_ptr<step>(step_context)> make; ///< called once per actor; must not share state between calls

  std::size_t parent_port = 0;                  ///< which of the parent's outputs it reads: 0, or side output n at n + 1
  std::vector<side_output_plan> side_outputs{}; ///< those that somebody reads
  std::string uid{};                            ///< identifies its saved state, also when it is renamed; empty: the name
  bool has_dead_letters =
    false;               ///< of records that its function refuses; they leave at side output `refusals_output`, if anywhere
  bool numbered = false; ///< nobody has named it: its name is its kind and a number, which changes with the steps before it
};

/// What a partitioner learns about its place when it is made for one sending actor.
struct edge_context {
  std::string_view to;                                     ///< the name of the stage that receives; good for the call
  std::uint32_t instance = 0;                              ///< which actor of its stage the sender is
  std::uint32_t targets = 1;                               ///< how many receivers there are
  std::uint32_t max_parallelism = default_max_parallelism; ///< of the job
};

/// Where one stage's records go on to another.
struct edge_plan {
  std::size_t from_step = stage_head; ///< index of the step whose output it is
  std::size_t to_stage = 0;           ///< index of the stage in the plan

  std::function<std::unique_ptr<partitioner>(edge_context)> make; ///< called once per sending actor

  std::size_t from_port = 0; ///< which of the step's outputs it is: 0, or side output n at n + 1
  std::size_t to_input = 0;  ///< which input of the stage's first step it feeds: 0, or 1 of a step with two
  record_kind records{};     ///< what goes there
  bool copies = false;       ///< whether a record goes to more than one receiver: then no barrier overtakes on it
};

/// What kind of actors a stage is made of.
enum class stage_kind {
  source, ///< one `partition_source` per partition
  keyed,  ///< `keyed_shard`s, each owning a range of key groups
  worker, ///< shards without keys: steps that run in other actors, or more of them, than what feeds them
  sink,   ///< `sink` actors, each with a writer
};

/// Steps that run in one actor, in parallel with others of their kind.
struct stage_plan {
  std::string name;
  std::string uid{}; ///< of a source or sink; see `step_plan::uid`
  stage_kind kind = stage_kind::source;
  std::uint32_t parallelism = 0; ///< how many actors; 0: the job's. A source has one per partition
  std::vector<step_plan> steps;
  std::vector<edge_plan> edges;

  // Of a source:
  std::shared_ptr<leat::source> source;
  std::function<boost::intrusive_ptr<batch_pool>()> make_pool; ///< batches of its record type, a pool per partition
  make_watermark_strategy watermarks;                          ///< called once per partition
  std::optional<watermark_alignment> alignment;                ///< with other sources, and among its own partitions
  std::optional<duration> idle_timeout{};                      ///< of a source: in the place of `run_options::idle_timeout`
  std::optional<std::size_t> dead_letters; ///< index of the sink stage that takes what cannot be decoded

  // Of a sink:
  std::shared_ptr<leat::sink> sink;
  delivery guarantee = delivery::at_least_once; ///< exactly once: needs checkpoints, and a sink that knows transactions
  const std::type_info* record_type = nullptr;  ///< of what it writes; null when it is not known
  bool takes_dead_letters = false; ///< what it writes is no result: counted as `dead_letters_out`, not as `records_out`
};

/// A job ready to run, types erased: what the typed API builds, and what `running_job` makes actors of.
struct dataflow_plan {
  std::string job;
  std::uint32_t max_parallelism = default_max_parallelism;
  std::vector<stage_plan> stages;
  std::vector<std::string> mistakes; ///< what was described wrongly; `validate` refuses the plan with the first of them
};

/// Checks what can be checked without running: names and uids unique, every edge and parent within bounds, dead letters led to a
/// sink, no cycle, every stage but sources fed, every step and source leading to a sink, parallelism within `max_parallelism`.
/// @throws pipeline_error naming the step and what to do.
void validate(const dataflow_plan& plan);

/// The stages that `stage` sends to: one for each edge, then that of its dead letters.
std::vector<std::size_t> targets_of(const stage_plan& stage);

/// What `stage` sends to target `edge` of `targets_of`.
record_kind records_of(const stage_plan& stage, std::size_t edge);

/// What comes to a stage at the first input of its first step.
record_kind records_into(const dataflow_plan& plan, std::size_t stage);

/// An edge by its ends: how many of `stage`'s targets before `edge` are the same, and which target is number `nth` (from 0) of
/// those that have the uid `receiver`; none: there are not so many.
std::uint32_t edges_before(const dataflow_plan& plan, const stage_plan& stage, std::size_t edge);
std::optional<std::size_t>
edge_to(const dataflow_plan& plan, const stage_plan& stage, const std::string& receiver, std::uint32_t nth);

/// Whether a step of a stage, or one behind it that gets what comes here, has dead letters: then records keep what they were made of
/// on their way there.
bool wants_origins(const dataflow_plan& plan, std::size_t stage);

/// Whether barriers can overtake on all ways from sources to a stage: on none of them is a record copied.
bool can_overtake(const dataflow_plan& plan, std::size_t stage);

/// Why records on their way cannot be part of a checkpoint, for a person: which step sends records of which type that cannot be
/// written as bytes. Empty: they can.
std::string unwritable_records(const dataflow_plan& plan);

/// Which stages have to do with each other: those that edges connect, in whatever direction, dead letters included.
/// @returns for each stage the number of its component, counted from 0 in the order of the stages.
std::vector<std::size_t> components(const dataflow_plan& plan);

/// What identifies the saved state of a step, or of a stage: the uid, or the name of what was given none.
const std::string& uid_of(const step_plan& step);

/// Where a step stands that is known by its number only: the names of all steps that lead to it and that it leads to, without their
/// numbers; `orders, filter, [window], totals`. Empty for a step that has a uid or a name.
[[nodiscard]] std::string place_of(const dataflow_plan& plan, std::size_t stage, std::size_t step);
const std::string& uid_of(const stage_plan& stage);

/// Those of all stages and steps.
std::set<std::string> uids_of(const dataflow_plan& plan);

/// The plan as text, a line per stage and step with where it leads: what `--explain` prints.
std::string explain(const dataflow_plan& plan, std::uint32_t default_parallelism);

} // namespace leat
