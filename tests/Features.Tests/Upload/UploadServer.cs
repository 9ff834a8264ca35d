using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using EventFiles.Features.Quota;
using EventFiles.Features.Upload;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFiles.Features.Tests.Upload;

/// <summary>The slice behind a real server and a real connection; everything behind the slice is the stage.</summary>
internal sealed class UploadServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private UploadServer(UploadStage stage, UploadOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        UploadSlice.Define().Register(builder.Services);
        builder.Services.AddSingleton(options).AddSingleton<TimeProvider>(stage).AddSingleton<IStreams>(stage)
            .AddSingleton<IObjects>(stage).AddSingleton<IFolders>(stage).AddSingleton<IFolderAccess>(stage).AddSingleton<IFiles>(stage)
            .AddSingleton<IAccess>(stage).AddSingleton<IPipeline>(stage).AddSingleton<IAllowance, QuotaAllowance>()
            .AddSingleton<IInboxes>(Inbox = new StageInbox(Olga))
            .AddSingleton<IContents>(stage).AddSingleton<ICompression>(stage)
            .AddTransient<ServiceFactory>(services => services.GetRequiredService).AddTransient<IMediator, Mediator>();
        app = builder.Build();
        app.Use((context, next) =>
        {
            context.Features.Set(CallerOf(Guid.Parse(context.Request.Headers["Account"].ToString(), CultureInfo.InvariantCulture)));
            return next(context);
        });
        UploadSlice.Define().Map(app);
        Stage = stage;
    }

    public UploadStage Stage { get; }

    public Uri Address => new(app.Urls.First());

    public AccountId Olga { get; } = new(Guid.NewGuid());

    /// <summary>A link by which anybody brings files to Olga; to be opened first.</summary>
    public StageInbox Inbox { get; }

    public IUploads Uploads => app.Services.GetRequiredService<IUploads>();

    public static async Task<UploadServer> Start(UploadOptions? options = null)
    {
        var server = new UploadServer(new UploadStage(), options ?? UploadOptions.Default);
        await server.app.StartAsync();
        return server;
    }

    public async Task<Answer<Done>> Do(IWork work) => await app.Services.GetRequiredService<IMediator>().Send(work);

    public HttpClient Client(AccountId account)
    {
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Add("Account", account.ToString());
        return client;
    }

    /// <param name="chunked">Without saying beforehand how much comes.</param>
    public async Task<HttpResponseMessage> Upload(
        string name, byte[] bytes, bool chunked = false, string? onConflict = null, string? type = null)
    {
        using var client = Client(Olga);
        using var form = new MultipartFormDataContent();
        if (onConflict is not null)
            form.Add(new StringContent(onConflict), "onConflict");
        var file = new ByteArrayContent(bytes);
        if (type is not null)
            file.Headers.ContentType = new MediaTypeHeaderValue(type);
        form.Add(file, "file", name);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/upload") { Content = form };
        request.Headers.TransferEncodingChunked = chunked;
        return await client.SendAsync(request);
    }

    /// <summary>Somebody without an account brings a file by Olga's link, into her root.</summary>
    public async Task<HttpResponseMessage> Bring(
        string name, byte[] bytes, bool chunked = false, string token = StageInbox.Token, params (string Name, string Value)[] fields)
    {
        using var client = Client(new AccountId(Guid.NewGuid()));
        using var form = new MultipartFormDataContent();
        foreach (var field in fields)
            form.Add(new StringContent(field.Value), field.Name);
        form.Add(new ByteArrayContent(bytes), "file", name);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/links/{token}/files") { Content = form };
        request.Headers.TransferEncodingChunked = chunked;
        return await client.SendAsync(request);
    }

    public Task<HttpResponseMessage> Create(long length, string name, string? onConflict = null, byte[]? bytes = null) =>
        Tus(
            HttpMethod.Post, "api/uploads", bytes,
            ("Upload-Length", length.ToString(CultureInfo.InvariantCulture)),
            ("Upload-Metadata", $"filename {B64(name)}{(onConflict is null ? "" : $",onConflict {B64(onConflict)}")}"));

    public Task<HttpResponseMessage> Patch(Uri upload, long offset, byte[] bytes) =>
        Tus(HttpMethod.Patch, upload.ToString(), bytes, ("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture)));

    public Task<HttpResponseMessage> Head(Uri upload) => Tus(HttpMethod.Head, upload.ToString(), null);

    public Task<HttpResponseMessage> Tus(HttpMethod method, string path, byte[]? bytes, params (string Name, string Value)[] headers) =>
        Tus(Olga, method, path, bytes is null ? null : new ByteArrayContent(bytes), headers);

    public async Task<HttpResponseMessage> Tus(
        AccountId account, HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var client = Client(account);
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (body is { Headers.ContentType: null })
            body.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        request.Headers.Add("Tus-Resumable", "1.0.0");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Stage.Dispose();
    }

    private static Caller CallerOf(Guid account) => new(new AccountId(account), default, false);

    private static string B64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
