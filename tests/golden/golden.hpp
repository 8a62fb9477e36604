#pragma once

#include <leat/actors/job_outcome.hpp>
#include <leat/connectors/files.hpp>
#include <leat/leat.hpp>
#include <leat/tests/golden/one_at_a_time.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat::testing {

/// What is compared beside the rows themselves.
enum class row_order {
  per_key, ///< rows with the same first column come in the order of the file; all are written by one actor
  none,
};

/// How a pipeline is given its records.
enum class pace {
  batches,    ///< as the files are read
  one_record, ///< each record alone, and the watermark behind it
};

/// A run dies behind a checkpoint that has so many records, when it has read so many more.
struct golden_death {
  std::int64_t records = 0;
  std::int64_t more = 0;
};

/// Where the runs of one pipeline write and keep their checkpoints, one after the other.
struct golden_place {
  temporary_folder out;
  temporary_folder state;
};

/// One golden pipeline at one parallelism and pace: reads input files, and compares what comes out with expected ones. Files
/// lie in `tests/golden/data/`; `NAME.csv` or `NAME.json`, whichever is there, says in which format.
class golden_run {
public:
  golden_run(std::uint32_t parallelism, pace how);

  /// A run with checkpoints and exactly-once sinks, a record at a time, that goes on from those of a run before.
  /// @param end when it dies; none: it comes to its end.
  golden_run(std::uint32_t parallelism, std::shared_ptr<golden_place> place, std::optional<golden_death> end);

  /// The records of `data/<name>`.
  template <class T, class TimeOf>
  stream<T> read(const std::string& name, TimeOf time_of, duration late_by = 0ms) {
    const auto from = file_of(name);
    const auto spec = files::source<T>(from.path, *from.as).event_time(time_of, out_of_orderness{late_by});
    if (pace_ == pace::one_record)
      return job_.source(one_at_a_time<files::source_spec<T>>{spec, death_}).named(name);
    return job_.source(spec).named(name);
  }

  /// Everything that reaches the end of `s` is what `data/<name>` holds, in any order but that of `order`.
  template <class T>
  void expect(const std::string& name, const stream<T>& s, row_order order = row_order::per_key) {
    auto rows = files::sink<T>(place_->out.path(name), *file_of(name).as);
    s.sink(checkpoints_ ? rows.roll_after(0ms).exactly_once() : rows).named(name + "-rows");
    expected_.push_back({name, order});
  }

  /// Runs the pipeline to its end, and compares. @returns how many records it has read.
  std::int64_t finish();

  /// Runs it until it dies. @returns how many records it has read.
  std::int64_t die();

private:
  struct data_file {
    std::string path;
    const format* as = nullptr;
  };
  struct expectation {
    std::string name;
    row_order order;
  };

  static data_file file_of(const std::string& name);
  [[nodiscard]] job_result run();
  void compare(const expectation& expected) const;

  const std::uint32_t parallelism_;
  const pace pace_;
  const bool checkpoints_ = false;
  const std::shared_ptr<golden_place> place_;
  metrics registry_;
  const std::shared_ptr<death> death_; // none: it comes to its end
  job job_{"golden"};
  std::vector<expectation> expected_;
};

/// Runs what `describe` describes at parallelism 1, 2 and 5, each in batches and one record at a time; and dies in the middle with records
/// that no checkpoint has, goes on at another parallelism, dies again, and goes on to the end. With `LEAT_GOLDEN_WRITE=1` in the environment
/// the expected files are written instead: to be read before they are committed.
/// @param only one pace, for pipelines whose result depends on how far the watermark is: those with late records.
void golden(const std::function<void(golden_run&)>& describe);
void golden(pace only, const std::function<void(golden_run&)>& describe);

} // namespace leat::testing
