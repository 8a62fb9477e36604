#include <leat/actors/recovery/state_adaptation.hpp>

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>

#include <boost/describe.hpp>
#include <catch2/catch.hpp>

using namespace leat;

namespace {

struct total_before {
  std::int32_t count = 0;
  std::string note;
};
BOOST_DESCRIBE_STRUCT(total_before, (), (count, note))

struct total_now {
  std::int64_t count = 0;
  double limit = 7.5;
};
BOOST_DESCRIBE_STRUCT(total_now, (), (count, limit))

template <class Key, class Value>
state_description described(std::string name) {
  return {std::move(name), nullptr, &encoded_type_of<Key>(), &encoded_type_of<Value>()};
}

using entries = std::map<std::string, std::vector<saved_entry>>; // by step

/// Checkpoint 4 with two totals of step "sums".
struct checkpoint_before {
  checkpoint_before() {
    manifest.checkpoint = 4;
    stored_step step{"sums", "sums", 2, {}};
    step.states.push_back(
      {"totals", type_text(encoded_type_of<std::string>()), type_text(encoded_type_of<total_before>())});
    manifest.steps.push_back(step);
    steps["sums"] = {
      {"totals", encoded(std::string{"a"}), encoded(total_before{3, "x"})},
      {"totals", encoded(std::string{"b"}), encoded(total_before{-4, ""})}};
  }

  /// Replaces the entries by those that the job takes.
  adapted_state adapt(const std::set<std::string>& job, const wanted_states& wanted, bool allow_dropped) {
    state_adapter adapter{manifest, job, wanted, allow_dropped};
    entries taken;
    for (const auto& [uid, of_step] : steps)
      for (const auto& e : of_step)
        if (const auto made = adapter.adapted({uid, e.state, 1, e.key, e.value}))
          taken[uid].push_back({e.state, std::string{made->key}, std::string{made->value}});
    auto done = adapter.finish();
    steps = std::move(taken);
    return done;
  }

  checkpoint_manifest manifest;
  entries steps;
};

wanted_states only(state_description state) { return {{"sums", {std::move(state)}}}; }

} // namespace

TEST_CASE("what fits stays as it is, byte by byte") {
  checkpoint_before found;
  const auto done = found.adapt({"sums"}, only(described<std::string, total_before>("totals")), false);
  CHECK(done.changed.empty());
  CHECK(found.steps == checkpoint_before{}.steps);
}

TEST_CASE("values whose type has gained, lost and widened members are converted") {
  checkpoint_before found;
  const auto done = found.adapt({"sums"}, only(described<std::string, total_now>("totals")), false);
  CHECK(done.changed == std::set<std::string>{"sums"});
  const auto now = decoded<total_now>(found.steps["sums"][1].value);
  CHECK(now.count == -4);
  CHECK(now.limit == 7.5);
}

TEST_CASE("a type that cannot be converted is refused with step, state and difference") {
  checkpoint_before found;
  CHECK_THROWS_WITH(
    found.adapt({"sums"}, only(described<std::string, std::string>("totals")), true),
    Catch::Contains("checkpoint 4") && Catch::Contains("step 'sums', \"totals\"") && Catch::Contains("now text"));
}

TEST_CASE("what was kept for something else is refused with both") {
  const auto adapt = [](const std::string& before, const std::string& now) {
    checkpoint_before found;
    found.manifest.steps.front().states.front().kept_for = before;
    auto state = described<std::string, total_before>("totals");
    state.kept_for = now;
    return found.adapt({"sums"}, only(state), true);
  };
  CHECK(adapt("tumbling(10min)", "tumbling(10min)").changed.empty());
  CHECK(adapt("", "tumbling(10min)").changed.empty()); // stored by a version that did not say so
  CHECK_THROWS_WITH(
    adapt("tumbling(10min)", "tumbling(7min)"),
    Catch::Contains("step 'sums', \"totals\": was kept for tumbling(10min), is now tumbling(7min)"));
}

TEST_CASE("keys do not change, whatever is allowed") {
  checkpoint_before found;
  CHECK_THROWS_WITH(
    found.adapt({"sums"}, only(described<std::int64_t, total_before>("totals")), true),
    Catch::Contains("step 'sums', keys of \"totals\""));
}

TEST_CASE("state of a step that is gone is refused, with all else that does not fit, or dropped") {
  checkpoint_before found;
  found.steps["old"] = {{"seen", "k", "v"}};
  const auto wanted = only(described<std::string, total_before>("renamed"));
  CHECK_THROWS_WITH(
    found.adapt({"sums"}, wanted, false), Catch::Contains("step 'old'") &&
                                            Catch::Contains("state \"totals\" of step 'sums'") &&
                                            Catch::Contains("--allow-dropped-state"));
  const auto done = found.adapt({"sums"}, wanted, true);
  CHECK(done.dropped == std::set<std::string>{"old"});
  CHECK(done.changed == std::set<std::string>{"sums"});
  CHECK(found.steps.empty());
}

TEST_CASE("a step whose state has no place stays stored when the state has no entries") {
  checkpoint_before found;
  const auto wanted = only(described<std::string, total_before>("totals"));
  const auto other = only(described<std::string, total_before>("renamed"));
  const auto stays = [&](const wanted_states& now, bool entries) {
    return state_adapter{found.manifest, {"sums"}, now, true}.stays("sums", [&](const std::string& state) {
      CHECK(state == "totals");
      return entries;
    });
  };
  CHECK(stays(wanted, true));
  CHECK_FALSE(stays(other, true));
  CHECK(stays(other, false));
}

TEST_CASE("what belongs to a stage needs no description") {
  checkpoint_before found;
  found.steps["input"] = {{"leat.positions", "p", "q"}};
  const auto done = found.adapt({"sums", "input"}, only(described<std::string, total_before>("totals")), false);
  CHECK(done.changed.empty());
  CHECK(found.steps["input"].size() == 1);
}
