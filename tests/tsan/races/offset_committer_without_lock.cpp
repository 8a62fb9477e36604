#define LEAT_NO_LOCKS
#include <leat/connectors/kafka/client.hpp>
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/connectors/kafka/offset_committer.cpp>

#include <leat/tests/tsan/commit_requests.cpp>

int main() {
  leat::testing::commit_requests kafka;
  leat::offset_committer committer{"ours"};
  committer.attach(kafka.client());
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (int i = 0; i < 1000; ++i)
      committer.commit({"lines", static_cast<std::int32_t>(thread)}, i, {});
  });
}
