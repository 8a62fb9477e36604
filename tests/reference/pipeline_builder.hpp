#pragma once

#include <leat/pipeline/job.hpp>
#include <leat/tests/reference/random_pipeline.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace leat::reference {

/// In which order records come, whatever the parallelism.
enum class record_order {
  none,
  of_keys, ///< those of one `fact::key`
  of_all,
};

/// A stream of both worlds.
struct both {
  stream<fact> real;
  std::vector<node*> model{};          ///< several after a merge
  std::vector<std::size_t> channels{}; ///< that a reader hears
  std::set<std::size_t> sources{};     ///< that it comes from
  record_order order = record_order::none;
  bool timed = false; ///< whether processing time makes records come
  std::string text{};
  bool merged = false;    ///< a step behind it runs in actors of its own
  std::size_t joined = 0; ///< steps of two streams that lead to it

  [[nodiscard]] bool in_order() const { return order != record_order::none; }
};

/// Reads choices and makes parts of both worlds of them.
class pipeline_builder {
public:
  pipeline_builder(random_pipeline& to, const pipeline_choice& choice) : to_{to}, choice_{choice} {}

  void build();

  /// A number below `n`, read from the choice.
  std::int64_t below(std::int64_t n) { return next_ < choice_.size() ? choice_[next_++] % n : 0; }
  bool coin() { return below(2) == 1; }

  /// How long a window emits again with every late record: the rows in between depend on the order of the records.
  std::int64_t lateness(bool in_order) { return in_order ? below(2) * below(20) : 0; }

  /// A model of an operator over `inputs`. @param arguments what follows channel and inputs in its constructor.
  template <class Model, class... Arguments>
  Model& add(const std::vector<both>& inputs, Arguments&&... arguments) {
    std::vector<std::size_t> channels;
    for (const auto& i : inputs)
      channels.insert(channels.end(), i.channels.begin(), i.channels.end());
    auto made = std::make_unique<Model>(next_channel_, channels, std::forward<Arguments>(arguments)...);
    auto& added = *made;
    connect(inputs, std::move(made));
    return added;
  }

  /// What an operator over `inputs` makes: none of its records have an order, unless the caller says so.
  both behind(const std::vector<both>& inputs, stream<fact> real, node& model, const std::string& name);

  /// A step without keys, and what it makes of each record.
  both stateless(
    const both& from, stream<fact> real, std::function<std::vector<fact>(const fact&)> function, const std::string& name);

  /// The same in actors of its own.
  both worker(
    const both& from, stream<fact> real, std::function<std::vector<fact>(const fact&)> function, const std::string& name);

  /// An operator of this name is in the pipeline.
  void note(const std::string& name) { to_.operators_.insert(name); }

  /// A source reaches what is being built on two ways.
  void note_detour() { to_.has_detours_ = true; }

  [[nodiscard]] const model_clock& clock() const { return to_.clock_; }
  [[nodiscard]] const std::shared_ptr<pending_calls>& calls() const { return to_.calls_; }

private:
  void add_source(std::size_t s);
  void lead_to_sinks();
  both chosen(int depth);
  both source();
  both with_two(int depth, both (*part)(pipeline_builder&, const both&, const both&));
  void connect(const std::vector<both>& inputs, std::unique_ptr<node> made);

  random_pipeline& to_;
  const pipeline_choice& choice_;
  std::size_t next_ = 0;
  std::size_t next_channel_ = 0;
  std::vector<both> sources_;
  std::set<std::size_t> read_;
};

inline auto by_key(const both& b) { return b.real.key_by(&fact::key); }

} // namespace leat::reference
