using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Tries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Security;

/// <summary>Accounts behind real HTTP: the slice, the event store on PostgreSQL, the read models, the queue.</summary>
internal sealed class SignInServer : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly KeyFolder keys;
    private readonly WebApplication app;

    private SignInServer(WebApplication app, KeyFolder keys)
    {
        this.app = app;
        this.keys = keys;
    }

    public Uri Address => new(app.Urls.Single());

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task<SignInServer> Start(
        string connectionString, TimeProvider clock, Action<IServiceCollection>? addTries = null)
    {
        var folder = new KeyFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var slice = AccountsSlice.Define();
        builder.Services.AddSingleton(clock).AddSingleton(new Slices([slice])).AddSingleton(NpgsqlDataSource.Create(connectionString));
        slice.Register(builder.Services);
        builder.Services.AddPipeline().AddEventStore(connectionString).AddMemoryReadModels().AddInProcessMessaging().AddSecurity(folder.Path);
        (addTries ?? (all => all.AddMemoryTries()))(builder.Services);
        var web = builder.Build();
        web.UseAuthentication();
        web.UseAuthorization();
        SecurityEndpoints.Map(web);
        slice.Map(web);
        web.MapGet("/undeclared", () => "for signed-in accounts, because nobody said otherwise");
        web.MapPost("/open", (HttpContext context) => context.Features.Get<Caller>()?.Account.ToString() ?? "nobody").AllowAnonymous();
        await web.StartAsync(TestContext.Current.CancellationToken);
        var position = web.Services.GetRequiredService<IReadPosition>();
        await Wait.Until(() => position.IsCaughtUp, "the read models reach the log");
        return new SignInServer(web, folder);
    }

    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task Register(string email)
    {
        using var client = Client();
        var reply = await client.PostAsJsonAsync("api/auth/register", new { email, password = Password, displayName = "Olga" });
        Assert.Equal(StatusCodes.Status201Created, (int)reply.StatusCode);
    }

    public async Task<(HttpClient Client, string Refresh)> SignIn(string email, string password = Password)
    {
        using var client = Client();
        var reply = await client.PostAsJsonAsync("api/auth/login", new { email, password });
        Assert.Equal(StatusCodes.Status200OK, (int)reply.StatusCode);
        var tokens = await Json(reply);
        return (Client(tokens.GetProperty("accessToken").GetString()), tokens.GetProperty("refreshToken").GetString()!);
    }

    public static async Task<JsonElement> Json(HttpResponseMessage reply)
    {
        using var parsed = await JsonDocument.ParseAsync(await reply.Content.ReadAsStreamAsync());
        return parsed.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        keys.Dispose();
    }
}
