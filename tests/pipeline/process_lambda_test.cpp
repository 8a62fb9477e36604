#include <leat/connectors/local/collection.hpp>
#include <leat/testing.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

struct temperature {
  std::string machine;
  double heat = 0;

  friend bool operator==(const temperature&, const temperature&) = default;
};
BOOST_DESCRIBE_STRUCT(temperature, (), (machine, heat))

const side_output<temperature> broken{"broken"};

using machine_context = keyed_context<std::string>;

/// A job whose keyed step is this function.
template <class Function>
job readings(Function f) {
  job j{"readings"};
  const auto said = j.source(input<temperature>("readings")).key_by(&temperature::machine).template process<std::string>(f);
  said.named("talk").sink(output<std::string>("said"));
  said.side_output(broken).sink(output<temperature>("broken"));
  return j;
}

} // namespace

TEST_CASE("a lambda over a key's records knows their key and emits to side outputs") {
  test_run run{readings([](const temperature& r, machine_context& machine, collector<std::string>& out) {
    if (r.heat > 0)
      out.push(machine.key() + " at " + std::to_string(to_millis(machine.time())));
    else
      machine.emit(broken, r);
  })};
  auto readings = run.input<temperature>("readings");
  readings.push({"press", 70}, from_millis(5));
  readings.push({"saw", -1}, from_millis(6));
  CHECK(run.output<std::string>("said").take() == std::vector<std::string>{"press at 5"});
  CHECK(run.output<temperature>("broken").take() == std::vector<temperature>{{"saw", -1}});
}

TEST_CASE("a lambda that sets a timer is told what can hear of one") {
  test_run run{readings(
    [](const temperature&, machine_context& machine, collector<std::string>&) { machine.set_timer(machine.time()); })};
  CHECK_THROWS_WITH(
    run.input<temperature>("readings").push({"press", 70}, from_millis(5)),
    Catch::Contains("step 'talk'") && Catch::Contains("member on_timer("));
}
