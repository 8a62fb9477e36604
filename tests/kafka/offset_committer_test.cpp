#include <leat/connectors/kafka/mock_cluster.hpp>
#include <leat/connectors/kafka/offset_committer.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using Catch::Matchers::Contains;

namespace {

constexpr std::int16_t to_commit = 8; // the kind of request
constexpr int no_permission_for_group = 30;
constexpr int coordinator_is_loading = 14;

/// A committer of the group "ours", with a client.
struct committing {
  explicit committing(const mock_cluster& kafka)
    : client{
        client_role::consumer,
        {{"bootstrap.servers", kafka.brokers(), ""}, {"group.id", "ours", ""}},
        "committer",
        committer} {
    committer->attach(client.get());
  }

  std::shared_ptr<offset_committer> committer = std::make_shared<offset_committer>("ours");
  kafka_client client;
};

} // namespace

TEST_CASE("a last commit that is refused for good is still known after the end, with group and partition") {
  mock_cluster kafka;
  kafka.create_topic("lines", 1);
  kafka.fail_requests(to_commit, std::vector<int>(10, no_permission_for_group));
  const committing one{kafka};
  one.committer->commit({"lines", 0}, 5, timestamp{});
  CHECK_FALSE(one.committer->finish(std::chrono::seconds{10}));
  CHECK_THAT(one.committer->failure().value_or(""), Contains("group \"ours\"") && Contains("lines/0"));
}

TEST_CASE("a commit that fails for a passing reason is tried again until it is stored") {
  mock_cluster kafka;
  kafka.create_topic("lines", 1);
  kafka.fail_requests(to_commit, {coordinator_is_loading});
  const committing one{kafka};
  one.committer->commit({"lines", 0}, 5, timestamp{});
  CHECK(one.committer->finish(std::chrono::seconds{10}));
  CHECK_FALSE(one.committer->failure());
}
