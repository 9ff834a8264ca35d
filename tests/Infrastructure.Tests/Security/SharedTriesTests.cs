using System.Net;
using System.Net.Http.Json;
using EventFiles.Infrastructure.ReadModels.Redis;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Tries;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.Security;

public sealed class SharedTriesTests(PostgresFixture postgres, RedisFixture redis)
{
    private const string Email = "olga@example.org";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_guesses_on_two_nodes_has_the_tries_of_one()
    {
        var (database, prefix) = (await postgres.CreateDatabase(), redis.NewPrefix());
        await using var one = await Node();
        await using var other = await Node();
        await one.Register(Email);
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SignIn(one, "wrong password")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await SignIn(other, "wrong password")).StatusCode);
        }

        foreach (var node in new[] { one, other })
        {
            var slowed = await SignIn(node, SignInServer.Password);
            Assert.Equal(HttpStatusCode.TooManyRequests, slowed.StatusCode);
            Assert.InRange(slowed.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        }

        Task<SignInServer> Node() => SignInServer.Start(database, TimeProvider.System, all => all
            .AddSingleton(redis.Settings).AddSingleton<RedisConnection>()
            .AddRedisTries([new SharedSecret("what both nodes know and nobody else")], prefix));
    }

    private static async Task<HttpResponseMessage> SignIn(SignInServer node, string password)
    {
        using var client = node.Client();
        return await client.PostAsJsonAsync("api/auth/login", new { email = Email, password }, Cancel);
    }
}
