#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/base/metrics.hpp>
#include <leat/pipeline/testing/job_snapshot.hpp>
#include <leat/pipeline/testing/test_options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

namespace leat::testing {

/// The engine of a `test_run`, types erased: the tasks of a plan in one thread, with one queue of messages between them, in
/// the order in which they were sent, and a clock that the test sets.
///
/// Channels have credit and shards their key groups as in actors. After each call the queue is empty. What a user's function
/// throws leaves the call; after that the job takes nothing more.
class virtual_job {
public:
  /// @param from null: starts empty.
  /// @throws pipeline_error for a plan or options that cannot run, state_error for a snapshot that does not fit the job.
  virtual_job(const dataflow_plan& plan, const test_options& options, const job_snapshot* from);
  ~virtual_job();
  virtual_job(const virtual_job&) = delete;
  virtual_job& operator=(const virtual_job&) = delete;

  /// One partition of a source, as a number.
  /// @throws pipeline_error when there is no such source, it has no such partition, or its records are of another type.
  [[nodiscard]] std::size_t
  find_input(std::string_view source, std::uint32_t partition, const std::type_info& record) const;

  /// A sink, as a number.
  /// @throws pipeline_error when there is none of this name, or its records are of another type.
  [[nodiscard]] std::size_t find_output(std::string_view sink, const std::type_info& record) const;

  // To an input:

  [[nodiscard]] batch_ptr empty_batch(std::size_t input);
  void push(std::size_t input, batch_ptr records);

  /// Reads the event times from the records, as the source would, and pushes.
  /// @throws pipeline_error when the source takes event times from outside.
  void push_timed(std::size_t input, batch_ptr records);
  void watermark(std::size_t input, timestamp time);
  void idle(std::size_t input);
  void finish(std::size_t input);
  void finish_all();

  // From an output:

  /// What has arrived since the last call, in that order.
  [[nodiscard]] std::vector<batch_ptr> take(std::size_t output);
  [[nodiscard]] timestamp output_watermark(std::size_t output) const;

  // The job:

  [[nodiscard]] timestamp now() const noexcept;
  void advance(duration by);
  /// Waits until no call to the outside is on its way: those that are left wait for virtual time only.
  void settle(duration real_time);
  [[nodiscard]] timestamp watermark_of(std::string_view step) const;
  /// The sum of a metric over a step's actors.
  /// @throws pipeline_error when there is no such step, or it has no such metric.
  [[nodiscard]] std::int64_t metric_of(std::string_view name, std::string_view step) const;

  [[nodiscard]] job_snapshot save() const;

  /// The entries of one state of a step, in the order of their keys' bytes.
  /// @param as what the state is taken for, see `state_description::type`; null: not to be checked.
  /// @throws pipeline_error when there is no such step or state, or it is a source or sink, state_error when the state is of
  ///         another type.
  [[nodiscard]] std::vector<saved_entry>
  entries(std::string_view step, std::string_view state, const std::type_info* as = nullptr) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace leat::testing
