using System.Diagnostics;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>The program's own client, as somebody on a machine of their own uses it.</summary>
internal sealed class FilesClient : IDisposable
{
    public FilesClient() => Folder = Directory.CreateTempSubdirectory("eventfiles-client-").FullName;

    /// <summary>Where files are that somebody has.</summary>
    public string Folder { get; }

    public string SignInFile => Path.Combine(Folder, ".config", "eventfiles", "login.json");

    /// <summary>What is remembered of uploads that are not over.</summary>
    public IEnumerable<string> Unfinished =>
        Directory.Exists(Path.Combine(Folder, ".state")) ? Directory.EnumerateFiles(Path.Combine(Folder, ".state"), "*.json", SearchOption.AllDirectories) : [];

    public static async Task<FilesClient> SignedIn(Uri server, Person person)
    {
        var client = new FilesClient();
        var (code, _, error) = await client.RunWith($"{Person.Password}\n", "login", server.ToString(), "--email", person.Email, "--password-stdin");
        Assert.True(code == 0, error);
        return client;
    }

    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>A file of these bytes.</summary>
    public string Make(string name, SeededBytes bytes)
    {
        using var file = File.Create(At(name));
        foreach (var piece in bytes.Read(0, bytes.Length))
            file.Write(piece.Span);
        return file.Name;
    }

    public string Make(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }

    public Task<(int ExitCode, string Output, string Error)> Run(params string[] arguments) => RunWith("", arguments);

    /// <summary>Runs to the end; something is at standard input.</summary>
    public async Task<(int ExitCode, string Output, string Error)> RunWith(string input, params string[] arguments)
    {
        using var process = Begin(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        return await End(process);
    }

    /// <summary>The results of a command that succeeds.</summary>
    public async Task<List<JsonElement>> Json(params string[] arguments)
    {
        var (code, output, error) = await Run([.. arguments, "--json"]);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {code} {error}");
        return Lines(output);
    }

    public static List<JsonElement> Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    // Whoever runs the tests in the background has SIGINT ignored, and with it all that they start.
    public Process Begin(params string[] arguments) =>
        Begin("env", ["--default-signal=INT", "dotnet", Server.HostDll, "files", .. arguments]);

    public Process Begin(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Folder,
        };
        start.Environment["HOME"] = Folder;
        start.Environment["XDG_CONFIG_HOME"] = At(".config");
        start.Environment["XDG_STATE_HOME"] = At(".state");
        start.Environment["DOTNET_TC_CallCountThreshold"] = "2000";
        return Process.Start(start)!;
    }

    public static async Task<(int ExitCode, string Output, string Error)> End(Process process)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var kill = patience.Token.Register(process.Kill);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, output, await error);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
