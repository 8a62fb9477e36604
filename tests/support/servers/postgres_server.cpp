#include "postgres_server.hpp"

#include <pqxx/pqxx>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <unistd.h>

namespace leat::testing {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds patience{60};

fs::path work_folder() { return fs::path{LEAT_SOURCE_ROOT} / "build" / "postgres"; }

fs::path fresh_home() {
  static int count = 0;
  return work_folder() / ("server-" + std::to_string(getpid()) + "-" + std::to_string(++count));
}

/// The newest version that is installed.
fs::path programs() {
  fs::path newest;
  std::error_code none;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", none})
    newest = std::max(newest, version.path() / "bin");
  if (newest.empty())
    throw std::runtime_error{"no PostgreSQL in /usr/lib/postgresql: ./dev setup test installs it"};
  return newest;
}

/// The server refuses to run as root.
std::vector<std::string> as_nobody_special(std::vector<std::string> command) {
  if (getuid() == 0)
    command.insert(command.begin(), {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"});
  return command;
}

} // namespace

postgres_server::postgres_server() : home_{fresh_home()}, port_{free_port()} {
  fs::create_directories(home_);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{work_folder()}) {
    int owner = 0; // data of tests that were killed
    if (std::sscanf(entry.path().filename().c_str(), "server-%d-", &owner) == 1 && kill(owner, 0) != 0)
      fs::remove_all(entry.path(), ignored);
  }
  make_data();
  start();
  pqxx::connection admin{connection()};
  pqxx::nontransaction{admin}.exec("CREATE ROLE clerk LOGIN PASSWORD 'it''s secret'");
}

postgres_server::~postgres_server() {
  stop();
  std::error_code ignored;
  fs::remove_all(home_, ignored);
}

postgres_server& postgres_server::shared() {
  static postgres_server server;
  return server;
}

std::string postgres_server::connection(int port) const {
  return "host=127.0.0.1 port=" + std::to_string(port) + " user=leat dbname=postgres";
}

void postgres_server::make_data() const {
  if (getuid() == 0 && process{{"chown", "postgres:postgres", home_.string()}, log()}.wait() != 0)
    fail("no user postgres");
  const auto command = as_nobody_special(
    {(programs() / "initdb").string(), "--pgdata", (home_ / "data").string(), "--username=leat", "--auth=trust",
     "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"});
  if (process{command, log()}.wait() != 0)
    fail("initdb cannot make the data of a PostgreSQL server");
  std::ofstream{home_ / "data" / "pg_hba.conf"} << "host all leat 127.0.0.1/32 trust\n"
                                                << "host all all 127.0.0.1/32 scram-sha-256\n";
}

void postgres_server::start() {
  server_ = std::make_unique<process>(
    as_nobody_special(
      {(programs() / "postgres").string(), "-D", (home_ / "data").string(), "-p", std::to_string(port_), "-c",
       "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=60"}),
    log());
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      const pqxx::connection up{connection()};
      return;
    } catch (const pqxx::broken_connection&) {
      if (!server_->running() || std::chrono::steady_clock::now() > end)
        fail("a PostgreSQL server does not come up");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
}

void postgres_server::stop() {
  if (!server_)
    return;
  server_->signal(SIGQUIT); // at once, all its processes, without a checkpoint: the next start recovers
  server_->wait();
  server_.reset();
}

void postgres_server::fail(const std::string& what) const {
  std::stringstream all;
  all << std::ifstream{log()}.rdbuf();
  const auto text = all.str();
  throw std::runtime_error{what + ":\n" + text.substr(text.size() - std::min<std::size_t>(text.size(), 2000))};
}

} // namespace leat::testing
