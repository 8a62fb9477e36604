#pragma once

#include <leat/tests/support/step_fixture.hpp>
#include <leat/tests/support/steps/saved_entries.hpp>
#include <leat/tests/support/steps/stored_changes.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <variant>
#include <vector>

namespace leat::testing {

inline std::string to_text(const event& e) { return std::to_string(e.value); }

/// What a step is given in a conformance test: an event on one of its inputs, a signal, or the wall clock's new time.
struct arrival {
  event what;
  std::size_t input = 0;
};
struct clock_set {
  std::int64_t millis = 0;
};
using conformance_script = std::vector<std::variant<arrival, signal, clock_set>>;

/// Events of few keys, out of order and late, some on the second input; watermarks that go on, and the clock.
inline conformance_script random_script(unsigned seed, std::size_t inputs) {
  std::mt19937 random{seed};
  const auto below = [&](int n) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(n)); };
  conformance_script script;
  std::int64_t time = below(100) - 50;
  std::int64_t clock = 1000;
  std::int64_t watermark_at = time - 20;
  std::uint64_t epoch = 0;
  script.push_back(clock_set{clock});
  for (int i = 0; i < 60; ++i) {
    time += below(6);
    switch (below(9)) {
    case 0:
      watermark_at = std::max(watermark_at, time - below(15));
      script.push_back(watermark(watermark_at));
      break;
    case 1:
      script.push_back(clock_set{clock += 10 * below(4)}); // never the last millisecond of a window
      break;
    case 2:
      script.push_back(signal::barrier(++epoch, from_millis(watermark_at - below(40))));
      break;
    default:
      script.push_back(arrival{{below(3), below(100), time - below(25)}, static_cast<std::size_t>(below(2)) % inputs});
    }
  }
  script.push_back(clock_set{clock + 1000});
  script.push_back(signal::watermark(max_timestamp));
  script.push_back(signal::end());
  return script;
}

/// What stands in front of a record that has left at a side output.
inline std::string side_output_text(std::size_t port) { return "side output " + std::to_string(port) + ": "; }

/// Runs one kind of step through the same script in every way in which an actor may run it. What comes out must not depend
/// on it: on how records are grouped to batches, on an output that refuses, or on being saved and loaded elsewhere.
class conformance {
public:
  using make_step = std::function<std::unique_ptr<step>(step_context)>;

  /// How the step is run.
  struct way {
    bool batches = false;  ///< as many records at once as the script allows
    bool refusals = false; ///< the output refuses every second call
    bool reloads = false;  ///< saved and loaded into a new step after everything that it was given
    bool changes = false;  ///< now and then it says what has changed, and a new one is loaded from all that was ever said
  };

  /// @param side_outputs of the step, at ports 1 and on: written down with what leaves at port 0.
  /// @param seed decides when there are checkpoints.
  conformance(make_step make, conformance_script script, std::size_t side_outputs, unsigned seed)
    : make_{std::move(make)}, script_{std::move(script)}, side_outputs_{side_outputs}, seed_{seed} {}

  /// All that comes out, in order; `Out` is what the step emits at port 0.
  template <class Out>
  story told(way w) const {
    story all;
    stored_changes stored;
    std::mt19937 random{seed_};
    auto run = start<Out>(w);
    for (std::size_t i = 0; i < script_.size();) {
      i = give(*run, i, w);
      let_work(*run);
      if (w.reloads)
        run = reloaded<Out>(*run, all, w);
      if (w.changes && random() % 3 == 0)
        run = checkpointed<Out>(std::move(run), stored, random() % 3 == 0, all, w);
    }
    all.insert(all.end(), run->out.told.begin(), run->out.told.end());
    return all;
  }

private:
  /// A side output: writes to the same story, with its port in front.
  template <class Out>
  class side_recorder final : public receiver {
  public:
    side_recorder(recorder<Out>& out, std::size_t port) : out_{out}, port_{side_output_text(port)} {}

    void on_batch(batch_ptr in) override {
      const auto from = out_.told.size();
      out_.on_batch(std::move(in));
      for (auto i = from; i < out_.told.size(); ++i)
        out_.told[i].insert(0, port_);
    }
    void on_signal(const signal& s) override { out_.on_signal(s); }

  private:
    recorder<Out>& out_;
    const std::string port_;
  };

  template <class Out>
  struct fixture : step_fixture<Out> {
    std::deque<side_recorder<Out>> sides;
  };

  template <class Out>
  std::unique_ptr<fixture<Out>> start(way w) const {
    auto run = std::make_unique<fixture<Out>>();
    run->snapshots = w.changes;
    auto& made = run->add("step", make_);
    if (auto* const second = made.second_input())
      run->steps.second_root().connect(*second);
    run->connect();
    for (std::size_t port = 1; port <= side_outputs_; ++port)
      made.connect(run->sides.emplace_back(run->out, port), port);
    if (w.refusals)
      run->out.cork_after_each_batch();
    return run;
  }

  template <class Out>
  std::unique_ptr<fixture<Out>> reloaded(fixture<Out>& old, story& all, way w) const {
    all.insert(all.end(), old.out.told.begin(), old.out.told.end());
    auto run = start<Out>(w);
    run->steps.clock().advance_to(old.steps.clock().now());
    saved_entries saved;
    old.steps.last().save(saved);
    saved.load_into([&](const state_entry& e) { run->steps.last().load(e); });
    saved_entries again;
    run->steps.last().save(again);
    if (!(saved == again))
      all.push_back("what was loaded is not what was saved");
    if (!filed_right(saved))
      all.push_back("what was saved does not fall to the shards of its keys");
    return run;
  }

  /// The run after a checkpoint more; @param restarts anew, loaded from the checkpoints.
  template <class Out>
  std::unique_ptr<fixture<Out>>
  checkpointed(std::unique_ptr<fixture<Out>> run, stored_changes& stored, bool restarts, story& all, way w) const {
    const auto saved = saved_by(run->steps.last());
    stored.take(run->steps.last());
    if (!(stored.all() == saved))
      all.push_back("the changes that were saved do not make up all there is");
    if (!restarts)
      return run;
    all.insert(all.end(), run->out.told.begin(), run->out.told.end());
    auto next = start<Out>(w);
    next->steps.clock().advance_to(run->steps.clock().now());
    stored.all().load_into([&](const state_entry& e) { next->steps.last().load(e); });
    if (!(saved_by(next->steps.last()) == saved))
      all.push_back("what was loaded from changes is not what was saved");
    return next;
  }

  /// Whether everything is there again when each of three actors has got its share, and that of its keys alone.
  [[nodiscard]] bool filed_right(const saved_entries& saved) const {
    saved_entries together;
    for (std::uint32_t actor = 0; actor < 3; ++actor) {
      auto share = saved.of_actor(actor, 3);
      const auto run = start<std::string>({});
      share.load_into([&](const state_entry& e) { run->steps.last().load(e); });
      saved_entries again;
      run->steps.last().save(again);
      for (const auto hash : again.hashes())
        if (!share.hashes().contains(hash))
          return false; // another hash than that of the key
      together.merge(again);
    }
    return together == saved;
  }

  /// Gives the run what stands at `i` of the script. @returns the place of what comes next.
  template <class Out>
  std::size_t give(step_fixture<Out>& run, std::size_t i, way w) const {
    if (const auto* const c = std::get_if<clock_set>(&script_[i])) {
      run.steps.clock().advance_to(from_millis(c->millis));
      return i + 1;
    }
    if (const auto* const s = std::get_if<signal>(&script_[i])) {
      run.give(*s);
      return i + 1;
    }
    const auto input = std::get<arrival>(script_[i]).input;
    auto in = batch<event>::fresh();
    do {
      const auto& e = std::get<arrival>(script_[i]).what;
      in->push(e, from_millis(e.time), key_hash(e.key));
      ++i;
    } while (w.batches && i < script_.size() && std::holds_alternative<arrival>(script_[i]) &&
             std::get<arrival>(script_[i]).input == input);
    run.give(std::move(in), input);
    return i;
  }

  /// Until the step waits for the next thing, or for the clock.
  template <class Out>
  static void let_work(step_fixture<Out>& run) {
    run.drain();
    while (run.steps.next_processing_time() <= run.steps.clock().now()) {
      run.steps.on_processing_time();
      run.drain();
    }
  }

  make_step make_;
  conformance_script script_;
  std::size_t side_outputs_;
  unsigned seed_;
};

/// What is to be known of a kind of step beside how it is made.
struct conformance_options {
  std::size_t inputs = 1;
  std::size_t side_outputs = 0;                                 ///< of the same type as the main one
  std::function<story(story)> same = [](story s) { return s; }; ///< what has to be equal of two stories
};

/// The story with the records between two signals in the order of their texts: for steps whose rows of one moment come in the
/// order of a hash table.
inline story in_any_order(story told) {
  const auto is_signal = [](const std::string& s) { return s.find('@') == std::string::npos; };
  for (auto from = told.begin(); from != told.end();) {
    const auto to = std::find_if(from, told.end(), is_signal);
    std::sort(from, to);
    from = to == told.end() ? to : std::next(to);
  }
  return told;
}

/// The story without the times by which barriers settle: for steps that forget only later which of their timers were deleted.
inline story without_settling(story told) {
  for (auto& s : told)
    if (s.starts_with("barrier"))
      s = s.substr(0, s.find(" settles"));
  return told;
}

/// How many scripts each kind of step is given: enough to meet the rare orders, fewer where sanitizers look at each access.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr unsigned conformance_scripts = 30;
#else
inline constexpr unsigned conformance_scripts = 100;
#endif

/// Checks the steps that `make` makes with `conformance_scripts` random scripts.
template <class Out>
void check_conformance(const conformance::make_step& make, const conformance_options& options = {}) {
  std::size_t records = 0;
  std::vector<bool> emitted(options.side_outputs);
  for (unsigned seed = 1; seed <= conformance_scripts; ++seed) {
    const conformance c{make, random_script(seed, options.inputs), options.side_outputs, seed};
    const auto plain = options.same(c.told<Out>({}));
    records += plain.size();
    for (std::size_t i = 0; i < options.side_outputs; ++i)
      emitted[i] = emitted[i] || std::any_of(plain.begin(), plain.end(), [&](const std::string& what) {
                     return what.starts_with(side_output_text(i + 1));
                   });
    INFO("seed " << seed);
    for (const auto& way :
         {conformance::way{true, false, false, false},
          {false, true, false, false},
          {false, false, true, false},
          {true, true, true, false},
          {false, false, false, true},
          {true, true, false, true}}) {
      INFO(
        "batches " << way.batches << ", refusals " << way.refusals << ", reloads " << way.reloads << ", changes "
                   << way.changes);
      REQUIRE(options.same(c.told<Out>(way)) == plain);
    }
  }
  CHECK(records > 10 * conformance_scripts); // it is not that nothing came out
  CHECK(emitted == std::vector<bool>(options.side_outputs, true));
}

} // namespace leat::testing
