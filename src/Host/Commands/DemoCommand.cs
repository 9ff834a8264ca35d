using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using EventFiles.Infrastructure.Embedded;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>demo</c>: uploads a folder of files as any client would, and shows what became of each.</summary>
internal static class DemoCommand
{
    public static Command Define()
    {
        var server = new Option<string>("--url")
        {
            Description = "The running server",
            HelpName = "URL",
            DefaultValueFactory = _ => "http://127.0.0.1:5080",
        };
        var samples = new Option<string>("--samples")
        {
            Description = "The folder whose files are uploaded",
            HelpName = "DIR",
            DefaultValueFactory = _ => "samples",
        };
        var command = new Command("demo", "Upload the sample files to a running server and show what became of them") { server, samples };
        command.SetAction((asked, cancel) => Run(asked.GetRequiredValue(server), new DirectoryInfo(asked.GetRequiredValue(samples)), cancel));
        return command;
    }

    private static async Task<int> Run(string url, DirectoryInfo samples, CancellationToken cancel)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var server))
            throw new EmbeddedException($"{url} is no address.");
        if (!samples.Exists)
            throw new EmbeddedException($"There is no folder {samples.FullName}.");
        using var http = new HttpClient { BaseAddress = server };
        try
        {
            await SignIn(http, cancel);
        }
        catch (HttpRequestException failure) when (failure.StatusCode is null)
        {
            throw new EmbeddedException($"No server answers at {server}. Start one with eng/run, or name it with --url.");
        }

        var files = samples.GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        var fates = new List<Fate>();
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(async progress =>
            {
                var rows = files.Select(file => (file, row: progress.AddTask(Markup.Escape(file.Name), maxValue: file.Length + 1))).ToList();
                foreach (var (file, row) in rows)
                    fates.Add(await Follow(http, file, row, cancel));
            });

        AnsiConsole.Write(Table(fates));
        var quota = await http.GetFromJsonAsync<JsonElement>("api/quota", cancel);
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{fates.Count} files, {Size(quota.GetProperty("usedBytes").GetInt64())} of {Size(quota.GetProperty("limitBytes").GetInt64())} used.");
        return fates.TrueForAll(fate => fate.Status == "ready") ? 0 : 1;
    }

    private static async Task SignIn(HttpClient http, CancellationToken cancel)
    {
        var (email, password) = ($"demo-{Guid.NewGuid():n}@example.org", $"{Guid.NewGuid():n}");
        (await http.PostAsJsonAsync("api/auth/register", new { email, password, displayName = "Demo" }, cancel)).EnsureSuccessStatusCode();
        var login = await http.PostAsJsonAsync("api/auth/login", new { email, password }, cancel);
        var tokens = await login.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancel);
        http.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("accessToken").GetString());
    }

    private static async Task<Fate> Follow(HttpClient http, FileInfo file, ProgressTask row, CancellationToken cancel)
    {
        await using var bytes = file.OpenRead();
        using var form = new MultipartFormDataContent { { new StreamContent(new Counted(bytes, row.Increment)), "file", file.Name } };
        var reply = await http.PostAsync("api/upload", form, cancel);
        var body = await reply.Content.ReadFromJsonAsync<JsonElement>(cancel);
        if (reply.StatusCode != HttpStatusCode.Accepted)
            return new Fate(file.Name, "", file.Length, "refused", "", body.GetProperty("detail").GetString() ?? "");

        var id = body.GetProperty("file").GetProperty("id").GetGuid();
        while (true)
        {
            var seen = await http.GetFromJsonAsync<JsonElement>($"api/files/{id}/status", cancel);
            var status = seen.GetProperty("status").GetString()!;
            if (status is not ("processing" or "uploading"))
            {
                row.Value = row.MaxValue;
                var summary = await http.GetFromJsonAsync<JsonElement>($"api/files/{id}", cancel);
                return new Fate(
                    file.Name, summary.GetProperty("contentType").GetString()!, file.Length, status, Variants(summary),
                    seen.GetProperty("error").ToString());
            }

            await Task.Delay(50, cancel);
        }
    }

    private static string Variants(JsonElement summary) => string.Join(", ", summary.GetProperty("variants").EnumerateArray().Select(variant =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{variant.GetProperty("name").GetString()} {variant.GetProperty("width").GetInt32()}×{variant.GetProperty("height").GetInt32()}")));

    private static Table Table(IEnumerable<Fate> fates)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("File", "Type", "Size", "Status", "What was made of it");
        foreach (var fate in fates)
        {
            var colour = fate.Status == "ready" ? "green" : "red";
            table.AddRow(
                Markup.Escape(fate.Name), Markup.Escape(fate.ContentType), Size(fate.SizeBytes),
                $"[{colour}]{fate.Status}[/]", Markup.Escape(fate.Error.Length > 0 ? fate.Error : fate.Variants));
        }

        return table;
    }

    private static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.0} GiB"),
    };

    private sealed record Fate(string Name, string ContentType, long SizeBytes, string Status, string Variants, string Error);

    /// <summary>Reports how far a stream has been read.</summary>
    private sealed class Counted(Stream inner, Action<double> read) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => inner.Length;
        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var bytes = inner.Read(buffer, offset, count);
            read(bytes);
            return bytes;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var bytes = await inner.ReadAsync(buffer, cancellationToken);
            read(bytes);
            return bytes;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
