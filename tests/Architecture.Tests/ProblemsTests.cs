using System.Net;
using EventFiles.Features.Vocabulary;
using EventFiles.Host.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace EventFiles.Architecture.Tests;

public sealed class ProblemsTests
{
    [Fact]
    public async Task What_may_pass_by_itself_gets_503_and_when_to_come_again()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseProblems();
        app.MapGet("/", string () => throw new TransientException("Redis cannot be reached."));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var reply = await client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(2), reply.Headers.RetryAfter?.Delta);
        var problem = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("urn:eventfiles:problem:not-now", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Redis", problem, StringComparison.Ordinal);
    }
}
