#include <leat/actors/running_job.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/tests/pipeline/records.hpp>
#include <leat/tests/support/memory_connectors.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace leat;
using namespace leat::testing;

namespace {

/// A run of a user's visits with less than a second between two of them.
struct stay {
  std::string user;
  std::int64_t pages = 0;

  friend auto operator<=>(const stay&, const stay&) = default;
};
BOOST_DESCRIBE_STRUCT(stay, (), (user, pages))

const side_output<visit> first_pages{"first-pages"};

/// Counts visits until a user has been away for a second; each stay's first page goes to a side output.
struct count_stays {
  struct count {
    std::int64_t pages = 0;
    timestamp ends;
    BOOST_DESCRIBE_CLASS(count, (), (pages, ends), (), ())
  };
  value_state<count> running;

  void open(state_registry& r) { r.add("running", running); }

  void process(const visit& v, keyed_context<std::string>& c, collector<stay>& out) {
    if (const auto* const before = running.get()) {
      c.delete_timer(before->ends);
      if (before->ends <= c.time())
        end_stay(c, out); // the watermark has not got here yet
    }
    if (!running.get())
      c.emit(first_pages, v);
    auto& now = running.edit();
    ++now.pages;
    now.ends = c.time() + 1s;
    c.set_timer(now.ends);
  }

  void on_timer(timestamp, keyed_context<std::string>& c, collector<stay>& out) { end_stay(c, out); }

private:
  void end_stay(keyed_context<std::string>& c, collector<stay>& out) {
    out.push(stay{c.key(), running.get()->pages});
    running.clear();
  }
};

/// Every user comes back every ten seconds for as many pages, 100 ms apart, as the user has digits.
std::vector<std::vector<visit>> visits(std::size_t users, int stays) {
  std::vector<visit> all;
  for (int s = 0; s < stays; ++s)
    for (std::size_t page = 0; page < 3; ++page)
      for (std::size_t u = 0; u < users; ++u)
        if (const auto name = std::to_string(u); page < name.size())
          all.push_back(
            {name, static_cast<std::int64_t>(page), from_millis(s * 10'000 + static_cast<std::int64_t>(page) * 100)});
  return {all};
}

} // namespace

TEST_CASE("a keyed function with timers sees every key's records in order, with any number of shards") {
  for (const auto shards : {1U, 2U, 7U}) {
    CAPTURE(shards);
    const auto stays = std::make_shared<memory_rows<stay>>();
    const auto firsts = std::make_shared<memory_rows<visit>>();
    job j{"stays"};
    const auto counted =
      j.source(from_memory<visit>{
                 std::make_shared<memory_log<visit>>(visits(300, 20)), [](const visit& v) { return v.time; }, 1s})
        .key_by(&visit::user)
        .process<stay>(count_stays{});
    counted.sink(to_memory<stay>{stays});
    counted.side_output(first_pages).sink(to_memory<visit>{firsts, "firsts"});
    settings none;
    metrics registry;
    run_options options;
    options.threads = 3;
    options.parallelism = shards;
    options.credit = 2;
    options.bounded = true;
    running_job running{j.plan(), options, none, registry};
    REQUIRE(running.wait().reason.empty());

    std::map<stay, int> found;
    for (const auto& s : stays->all())
      ++found[s];
    CHECK(found.size() == 300);
    CHECK(std::all_of(found.begin(), found.end(), [](const auto& f) {
      return f.second == 20 && f.first.pages == static_cast<std::int64_t>(f.first.user.size());
    }));
    const auto first = firsts->all();
    CHECK(first.size() == 300 * 20);
    CHECK(std::all_of(first.begin(), first.end(), [](const visit& v) { return v.page == 0; }));
    CHECK(registry.sum("state_entries", "process-1") == 0);
  }
}

TEST_CASE("a side output behind no step is a mistake that says where it belongs") {
  job j{"j"};
  j.source(from_memory<visit>{std::make_shared<memory_log<visit>>(visits(1, 1)), [](const visit& v) { return v.time; }, 1s})
    .side_output(first_pages)
    .sink(to_memory<visit>{std::make_shared<memory_rows<visit>>()});
  CHECK_THROWS_WITH(validate(j.plan()), Catch::Contains("first-pages") && Catch::Contains("right behind the step"));
}

TEST_CASE("a side output that is read with two record types is a mistake") {
  job j{"j"};
  const auto counted =
    j.source(
       from_memory<visit>{std::make_shared<memory_log<visit>>(visits(1, 1)), [](const visit& v) { return v.time; }, 1s})
      .process<visit>([](const visit& v, process_context&, collector<visit>& out) { out.push(v); });
  counted.side_output(first_pages).sink(to_memory<visit>{std::make_shared<memory_rows<visit>>()});
  counted.side_output(side_output<stay>{"first-pages"})
    .sink(to_memory<stay>{std::make_shared<memory_rows<stay>>(), "stays"});
  CHECK_THROWS_WITH(validate(j.plan()), Catch::Contains("first-pages") && Catch::Contains("two record types"));
}
