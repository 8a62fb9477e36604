#pragma once

#include <leat/pipeline/testing/test_run.hpp>
#include <leat/tests/reference/stream_model.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace leat::reference {

/// Which pipeline: whatever bytes, read from the first to the last; beyond the last they are 0. So fewer and smaller bytes are
/// simpler pipelines.
using pipeline_choice = std::vector<std::uint8_t>;

/// Asynchronous calls that have not ended: calling one ends it.
using pending_calls = std::vector<std::function<void()>>;

/// A pipeline of facts from the sources "a" and "b" to the sink "out", once for the engine and once as a model.
class random_pipeline {
public:
  static constexpr std::size_t sources = 2;
  static constexpr std::uint32_t partitions = 2; ///< of each source

  explicit random_pipeline(const pipeline_choice& choice);
  ~random_pipeline();

  [[nodiscard]] const job& description() const { return job_; }

  /// What it consists of, from the sink back to the sources: "window(join(a, b))".
  [[nodiscard]] const std::string& text() const { return text_; }

  /// The names of the operators in it.
  [[nodiscard]] const std::set<std::string>& operators() const { return operators_; }

  /// Whether a source reaches some step on two ways of different length. Then idleness is left out: a partition that wakes is
  /// heard of on the short way first, and what the long way still has to say may come late.
  [[nodiscard]] bool has_detours() const { return has_detours_; }

  /// What the job's asynchronous steps wait for.
  [[nodiscard]] pending_calls& calls() { return *calls_; }

  // The model:

  [[nodiscard]] partition_node& partition(std::size_t source, std::uint32_t number) {
    return *partitions_[source * partitions + number];
  }
  [[nodiscard]] sink_node& sink() { return *sink_; }

  /// Lets processing time go by.
  void advance(std::int64_t by);

private:
  friend class pipeline_builder;

  job job_{"random"};
  std::string text_;
  std::set<std::string> operators_;
  model_clock clock_;
  std::vector<std::unique_ptr<node>> nodes_; // those further up come first
  std::vector<partition_node*> partitions_;
  sink_node* sink_ = nullptr;
  std::shared_ptr<pending_calls> calls_ = std::make_shared<pending_calls>();
  bool has_detours_ = false;
};

} // namespace leat::reference
