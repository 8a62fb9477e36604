#include <leat/tests/apps/leat_fixture.hpp>

#include <leat/apps/leat/stored_types.hpp>
#include <leat/base/key_group.hpp>
#include <leat/operators/window_spec.hpp>
#include <leat/tests/support/in_child.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <tuple>

#include <sys/resource.h>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

struct totals {
  std::int64_t orders = 0;
  double sum = 0;
};
BOOST_DESCRIBE_STRUCT(totals, (), (orders, sum))

struct of_window {
  time_window window;
  std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(of_window, (), (window, value))

struct place {
  std::string city;
  std::int32_t street = 0;
};
BOOST_DESCRIBE_STRUCT(place, (), (city, street))

constexpr timestamp minute(int n) { return from_millis(1'700'000'040'000) + n * 1min; } // 22:14 and so on

enum class size : std::uint8_t { small = 1, large = 200 };
BOOST_DESCRIBE_ENUM(size, small, large)

/// Whether the group is found by the type of a key as it is by the key.
template <class Key>
bool group_is_known(const Key& key) {
  const auto type = parse_encoded_type(type_text(encoded_type_of<Key>()));
  return cli::group_of_key(*type, encoded(key), 30'000) == key_group_of(key_hash(key), 30'000);
}

/// Sums of users; windows of three minutes; windows with states of their own; parcels by place.
struct shop : leat_fixture {
  shop() {
    describe<std::string, totals>("sums", "sum");
    describe<std::pair<timestamp, std::string>, totals>("per minute", "leat.slices");
    describe<std::int64_t, std::vector<of_window>>("alarms", "seen");
    describe<place, bool>("parcels", "waits");
    for (const auto* user : {"ada", "adam", "bob", "eve"})
      put("sums", "sum", std::string{user}, totals{1, 0.5});
    put("sums", {"leat.watermark", encoded(minute(3)), "", state_owner::all});
    for (const auto* user : {"ada", "bob"})
      for (int n = 0; n < 3; ++n)
        put("per minute", slice(n, user, n));
    for (std::int64_t key : {-5, 7, 300})
      put("alarms", "seen", key, std::vector<of_window>{{{minute(0), minute(2)}, key}, {{minute(1), minute(3)}, 2 * key}});
    put("parcels", "waits", place{"Oslo", 3}, true);
    put("parcels", "waits", place{"Bern", 1}, false);
    job.steps[0].name = "sum of each user";
    checkpoint();
  }

  static saved_entry slice(int n, const std::string& user, std::int64_t orders) {
    return {
      "leat.slices", encoded(std::pair{minute(n), user}), encoded(totals{orders, 1}), state_owner::key, key_hash(user)};
  }

  [[nodiscard]] std::string
  scan(const std::string& step, const std::string& state, std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"state", "scan", directory(), step, state, "--json"});
    return output(options);
  }
  [[nodiscard]] std::string get(const std::string& step, const std::string& state, const std::string& key) const {
    return output({"state", "get", directory(), step, state, key});
  }
};

} // namespace

TEST_CASE_METHOD(shop, "the states of a job are listed with their types and sizes") {
  CHECK(
    output({"state", "list", directory()}) ==
    R"(Checkpoint 1 of job shop, 2023-11-14T22:13:20.000Z

STEP              UID         PARALLELISM  STATE           ENTRIES  BYTES  KEY                            VALUE
sum of each user  sums        2            sum             4        53     text                           {orders: int64, sum: float64}
sum of each user  sums        2            leat.watermark  1        6      -                              -
per minute        per minute  2            leat.slices     6        114    {slice: timestamp, key: text}  {orders: int64, sum: float64}
alarms            alarms      2            seen            3        87     int64                          [{window: {start: timestamp, end: timestamp}, value: int64}]
parcels           parcels     2            waits           2        14     {city: text, street: int32}    bool
)");
  CHECK_THAT(
    output({"state", "list", directory(), "--json"}),
    Contains(R"({"job":"shop","checkpoint":1,"time":"2023-11-14T22:13:20.000Z","steps":[{"uid":"sums",)"
             R"("name":"sum of each user","parallelism":2,"states":[{"name":"sum","key_type":"text",)"
             R"("value_type":"{orders: int64, sum: float64}","entries":4,"bytes":53})"));
}

TEST_CASE_METHOD(shop, "one key is found by what a person writes for it") {
  CHECK(get("sums", "sum", "ada") == "{\"orders\":1,\"sum\":0.5}\n");
  CHECK(get("sum of each user", "sum", "\"ada\"") == "{\"orders\":1,\"sum\":0.5}\n");
  CHECK(get("parcels", "waits", R"({"street": 3, "city": "Oslo"})") == "true\n");
  CHECK_THAT(get("alarms", "seen", "-5"), Contains(R"("value":-5})"));
  CHECK(
    output({"state", "get", directory(), "sums", "sum", "bob", "--json"}) ==
    "{\"key\":\"bob\",\"value\":{\"orders\":1,\"sum\":0.5}}\n");
}

TEST_CASE_METHOD(shop, "of a key with windows all are found, in a table that names what they are") {
  CHECK(
    get("per minute", "leat.slices", "bob") ==
    R"(KEY                                               VALUE
{"slice":"2023-11-14T22:14:00.000Z","key":"bob"}  {"orders":0,"sum":1}
{"slice":"2023-11-14T22:15:00.000Z","key":"bob"}  {"orders":1,"sum":1}
{"slice":"2023-11-14T22:16:00.000Z","key":"bob"}  {"orders":2,"sum":1}
)");
}

TEST_CASE_METHOD(shop, "a key that has no value is told by the exit code, and one of another type by a message") {
  const auto none = leat({"state", "get", directory(), "sums", "sum", "mallory"});
  CHECK(none.exit == 3);
  CHECK(none.out == "");
  const auto wrong = leat({"state", "get", directory(), "alarms", "seen", "ada"});
  CHECK(wrong.exit == 2);
  CHECK_THAT(wrong.err, Contains("expected a value of type int64, found ada"));
}

TEST_CASE_METHOD(shop, "a key is found in whatever group a step has filed it") {
  put("sums", {"sum", encoded(std::string{"zoe"}), encoded(totals{9, 9}), state_owner::all});
  put(
    "per minute",
    {"leat.slices", encoded(std::pair{minute(0), std::string{"zoe"}}), encoded(totals{}), state_owner::anyone});
  checkpoint();
  CHECK(get("sums", "sum", "zoe") == "{\"orders\":9,\"sum\":9}\n");
  CHECK_THAT(get("per minute", "leat.slices", "zoe"), Contains("zoe"));
}

TEST_CASE_METHOD(shop, "a scan takes the keys that are asked for") {
  CHECK(scan("sums", "sum", {"--key", "ada"}) == "{\"key\":\"ada\",\"value\":{\"orders\":1,\"sum\":0.5}}\n");
  const auto keys = [&](const std::vector<std::string>& options) {
    std::string all;
    for (const auto* user : {"ada", "adam", "bob", "eve"})
      if (scan("sums", "sum", options).find('"' + std::string{user} + '"') != std::string::npos)
        (all += user) += ' ';
    return all;
  };
  CHECK(keys({"--key-prefix", "ada"}) == "ada adam ");
  CHECK(keys({"--key-from", "adam", "--key-to", "eve"}) == "adam bob ");
  CHECK(scan("alarms", "seen", {"--key-from", "-1", "--key-to", "300"}).find(R"({"key":7,)") == 0);
  CHECK(
    scan("parcels", "waits", {"--key-from", R"({"city": "C", "street": 0})"}) ==
    "{\"key\":{\"city\":\"Oslo\",\"street\":3},\"value\":true}\n");
  CHECK(scan("sums", "leat.watermark") == "{\"key\":{\"$bytes\":\"c08dc6fef962\"}}\n");
}

TEST_CASE_METHOD(shop, "a scan ends at its limit, also within a key group") {
  for (int n = 0; n < 9; ++n)
    put("sums", {"sum", encoded("everyone's " + std::to_string(n)), encoded(totals{}), state_owner::all});
  checkpoint();
  const auto lines = [&](const std::string& limit) {
    const auto text = scan("sums", "sum", {"--limit", limit});
    return std::count(text.begin(), text.end(), '\n');
  };
  CHECK(lines("0") == 0);
  CHECK(lines("3") == 3);
  CHECK(lines("7") == 7);
  CHECK(lines("100") == 13);
}

TEST_CASE_METHOD(shop, "slices are taken by where they begin, or as the parts of a window") {
  const auto orders = [&](std::vector<std::string> options) {
    options.insert(options.end(), {"--key", "ada"});
    const auto text = scan("per minute", "leat.slices", options);
    std::string all;
    for (const auto* n : {"0", "1", "2"})
      if (text.find(std::string{"\"orders\":"} + n) != std::string::npos)
        all += n;
    return all;
  };
  CHECK(orders({"--window-start", "2023-11-14T22:15:00Z"}) == "1");
  CHECK(orders({"--window-start", "1700000100000"}) == "1");
  CHECK(orders({"--window-start", "2023-11-14T22:15:00Z", "--window-end", "2023-11-14T22:17Z"}) == "12");
  const auto refused =
    leat({"state", "scan", directory(), "per minute", "leat.slices", "--window-at", "2023-11-14T22:15Z"});
  CHECK(refused.exit == 2);
  CHECK_THAT(refused.err, Contains("where they begin and not where they end: ask for --window-start"));
}

TEST_CASE_METHOD(shop, "of values that belong to windows those of the window stay") {
  const std::string first =
    R"([{"window":{"start":"2023-11-14T22:14:00.000Z","end":"2023-11-14T22:16:00.000Z"},"value":7}])"
    "\n";
  const auto seen = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"state", "get", directory(), "alarms", "seen", "7"});
    return leat(options);
  };
  CHECK(seen({"--window-start", "2023-11-14T22:14Z"}).out == first);
  CHECK(seen({"--window-end", "2023-11-14T22:16Z"}).out == first);
  CHECK(seen({"--window-at", "2023-11-14T22:14:59.999Z"}).out == first);
  CHECK_THAT(seen({"--window-at", "2023-11-14T22:15Z"}).out, Contains(R"("value":7)") && Contains(R"("value":14)"));
  CHECK(seen({"--window-at", "2023-11-14T22:17Z"}).exit == 3);
  CHECK(
    leat({"state", "scan", directory(), "sums", "sum", "--window-at", "5"}).err ==
    "leat: state sum: its entries belong to no window\n");
}

TEST_CASE_METHOD(shop, "everything is exported, each entry with its step and state") {
  const auto all = output({"state", "export", directory()});
  CHECK(std::count(all.begin(), all.end(), '\n') == 16);
  CHECK_THAT(all, Contains(R"({"step":"sums","state":"sum","key":"ada","value":{"orders":1,"sum":0.5}})"));
  CHECK_THAT(
    all, Contains(R"({"step":"per minute","state":"leat.slices","key":{"slice":"2023-11-14T22:16:00.000Z","key":"ada"})"));
  const auto file = folder.path("all.json");
  CHECK(output({"state", "export", directory(), "--output", file}) == "");
  CHECK(folder.text("all.json") == all);
  CHECK(output({"state", "export", directory(), "parcels", "waits"}) == all.substr(all.find(R"({"step":"parcels")")));
}

TEST_CASE_METHOD(shop, "a scan that may show nothing shows nothing, not the names of its columns either") {
  CHECK(output({"state", "scan", directory(), "sums", "sum", "--limit", "0"}) == "");
  CHECK(
    leat({"state", "scan", directory(), "sums", "none", "--limit", "0"}).exit == 2); // what is wrong is said all the same
}

TEST_CASE_METHOD(shop, "an export to a full disk is an error that says so, and nothing of it stays") {
  const auto copy = retain();
  const auto file = folder.path("all.json");
  stop();
  CHECK(in_child([&] {
          std::signal(SIGXFSZ, SIG_IGN);
          const rlimit most{100, 100};
          ::setrlimit(RLIMIT_FSIZE, &most);
          const auto full = leat({"state", "export", copy, "--output", file});
          return full.exit == 1 && full.err == "leat: " + file + ": cannot be written: File too large\n" ? 42 : 1;
        }) == 42);
  CHECK(folder.names() == std::vector<std::string>{"state"});
}

TEST_CASE_METHOD(shop, "what is no file is exported to as it is, and not replaced by a file") {
  const auto nothing = folder.path("nothing");
  const auto full = folder.path("full");
  std::filesystem::create_symlink("/dev/null", nothing);
  std::filesystem::create_symlink("/dev/full", full);
  CHECK(output({"state", "export", directory(), "--output", nothing}) == "");
  const auto refused = leat({"state", "export", directory(), "--output", full});
  CHECK(refused.exit == 1);
  CHECK(refused.err == "leat: " + full + ": cannot be written: No space left on device\n");
  CHECK(std::filesystem::is_character_file(nothing));
  CHECK(std::filesystem::is_character_file(full));
}

TEST_CASE_METHOD(shop, "a file that cannot be made is told with the reason") {
  const auto reason = [&](const std::string& path) { return leat({"state", "export", directory(), "--output", path}).err; };
  CHECK(reason(folder.path()) == "leat: " + folder.path() + ": cannot be written: Is a directory\n");
  CHECK_THAT(reason(folder.path("gone/all.json")), Contains("gone/all.json: cannot be written: No such file or directory"));
}

TEST_CASE_METHOD(shop, "a reader sees one checkpoint, however many are written meanwhile") {
  for (int n = 0; n < 2'000; ++n)
    put("sums", "sum", "user " + std::to_string(n), totals{1, 0});
  checkpoint();
  const auto before = output({"state", "export", directory(), "sums"});
  int checkpoints = 0;
  const auto meanwhile = leat({"state", "export", directory(), "sums"}, [&](std::string_view) {
    for (; checkpoints < 100; ++checkpoints) {
      for (int n = checkpoints; n < 2'000; n += 7)
        put("sums", "sum", "user " + std::to_string(n), totals{checkpoints, 1});
      checkpoint();
    }
  });
  CHECK(checkpoints == 100);
  CHECK(before.size() > 2 * 64 * 1024); // it is given out in pieces: the first comes before the rest is read
  CHECK(meanwhile.out == before);
  CHECK(output({"state", "export", directory(), "sums"}) != before);
}

TEST_CASE_METHOD(shop, "a step or state that is not there leads to the one that was meant") {
  const auto error = [&](const std::string& step, const std::string& state) {
    const auto result = leat({"state", "scan", directory(), step, state});
    CHECK(result.exit == 2);
    return result.err;
  };
  CHECK(error("sum", "sum") == "leat: the checkpoint has no step sum; did you mean sums?\n");
  CHECK(error("sums", "smu") == "leat: step sum of each user has no state smu; did you mean sum?\n");
  CHECK(error("else", "sum") == "leat: the checkpoint has no step else; `leat state list` shows all\n");
}

TEST_CASE_METHOD(shop, "a condition that a state cannot meet is refused") {
  const auto error = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"state", "scan", directory()});
    const auto result = leat(options);
    CHECK(result.exit == 2);
    return result.err;
  };
  CHECK(
    error({"alarms", "seen", "--key-prefix", "1"}) ==
    "leat: state seen: only text begins with something, and its keys are int64\n");
  CHECK_THAT(error({"sums", "leat.watermark", "--key", "1"}), Contains("of which type its keys are is not known"));
  CHECK(
    error({"sums", "sum", "--window-at", "noon"}) == "leat: --window-at: expected a value of type timestamp, found noon\n");
  CHECK(error({"sums", "sum", "--limit", "few"}).find("leat: --limit: expected a value of type uint64") == 0);
}

TEST_CASE_METHOD(shop, "wrong arguments are told from each other") {
  CHECK(leat({}).err == "leat: which command? --help lists them\n");
  CHECK(leat({"state", "lst", directory()}).err == "leat: unknown command 'state lst'; did you mean 'state list'?\n");
  CHECK(leat({"state", "get", directory(), "sums"}).err == "leat: leat state get wants: PATH STEP STATE KEY\n");
  CHECK(
    leat({"state", "list", directory(), "--limit", "3"}).err ==
    "leat: unknown option --limit; `leat state list --help` lists its options\n");
  CHECK(leat({"state", "list", directory(), "--jsn"}).err == "leat: unknown option --jsn; did you mean --json?\n");
  CHECK(leat({"state", "list", directory(), "--max-age", "-1s"}).exit == 2);
  CHECK(
    leat({"state", "list", folder.path("stte")}).err ==
    "leat: " + folder.path("stte") + ": there is no such file or directory; did you mean " + directory() + "?\n");
  CHECK_THAT(leat({"state", "list", folder.path()}).err, Contains("is no state directory: it has neither checkpoints.mdb"));
}

TEST_CASE_METHOD(leat_fixture, "help is given for all commands, for a group and for one") {
  CHECK_THAT(output({"--help"}), Contains("leat state scan PATH STEP STATE") && Contains("Exit codes"));
  CHECK_THAT(output({"--help"}), !Contains("--window-at")); // that belongs to a command
  CHECK_THAT(output({"state", "--help"}), Contains("leat state get") && !Contains("leat savepoint"));
  CHECK_THAT(output({"state", "scan", "--help"}), Contains("--window-at TIME") && Contains("--json"));
  CHECK_THAT(output({"state", "export", "--help"}), !Contains("--json")); // it is JSON
  CHECK(leat({"state", "export", directory(), "--json"}).exit == 2);
  CHECK(leat({"savepoin", "list"}).err == "leat: unknown command 'savepoin list'; did you mean 'savepoint list'?\n");
  CHECK(leat({"savepoin"}).err == "leat: unknown command 'savepoin'; did you mean 'savepoint'?\n");
  CHECK_THAT(output({"savepoint", "delete", "-h"}), Contains("begins without state") && !Contains("--window-at"));
  CHECK(
    leat({"savepoint", "create", directory(), "--output", "x"}).err ==
    "leat: unknown option --output; `leat savepoint create --help` lists its options\n");
  CHECK(leat({"state", "scan", directory(), "--limit", "1", "--limit", "2"}).err == "leat: --limit is given twice\n");
  CHECK(leat({"state"}).err == "leat: leat state what? list, get, scan, export; `leat state --help` says what each does\n");
}

TEST_CASE_METHOD(shop, "a directory that is not there is a wrong argument to every command") {
  const auto gone = folder.path("stte");
  for (const auto& [group, verb, more] : std::vector<std::tuple<std::string, std::string, std::vector<std::string>>>{
         {"state", "list", {}},
         {"state", "get", {"sums", "sum", "ada"}},
         {"state", "scan", {"sums", "sum"}},
         {"state", "export", {}},
         {"savepoint", "create", {}},
         {"savepoint", "create", {"--stop"}},
         {"savepoint", "list", {}},
         {"savepoint", "inspect", {}},
         {"savepoint", "verify", {}},
         {"savepoint", "delete", {"1"}},
         {"savepoint", "delete", {"last"}},
         {"savepoint", "delete", {}}}) {
    CAPTURE(verb);
    std::vector<std::string> arguments{group, verb, gone};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto refused = leat(arguments);
    CHECK(refused.exit == 2);
    CHECK(refused.err == "leat: " + gone + ": there is no such file or directory; did you mean " + directory() + "?\n");
  }
  folder.append("notes.txt", "x");
  const auto file = leat({"savepoint", "create", folder.path("notes.txt")});
  CHECK(file.exit == 2);
  CHECK_THAT(file.err, Contains("notes.txt: is no directory"));
}

TEST_CASE("the group of a key is known from its type, whatever streams are keyed by") {
  CHECK(group_is_known(std::int16_t{-7}));
  CHECK(group_is_known(std::uint64_t{18'446'744'073'709'551'615U}));
  CHECK(group_is_known(true));
  CHECK(group_is_known(size::large));
  CHECK(group_is_known(from_millis(-5)));
  CHECK(group_is_known(std::string{"ada"}));
  CHECK(group_is_known(std::string{}));
  CHECK(group_is_known(std::tuple{std::string{"ada"}, 5, size::small}));
  CHECK(group_is_known(place{"Oslo", -3}));
  CHECK(group_is_known(std::pair{place{"Oslo", -3}, std::string{"x"}}));
}
