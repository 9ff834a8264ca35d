using System.Diagnostics;

namespace EventFiles.Infrastructure.Tests;

/// <summary>A machine on which something is missing is told of it by the names that apt-get knows.</summary>
public sealed class MissingPackagesTests : IDisposable
{
    private readonly string programs = Directory.CreateTempSubdirectory("ef-path-").FullName;

    public MissingPackagesTests()
    {
        foreach (var needed in (string[])["dirname", "ls", "grep"])
            File.CreateSymbolicLink(Path.Combine(programs, needed), $"/bin/{needed}");
    }

    public void Dispose() => Directory.Delete(programs, recursive: true);

    [Theory]
    [InlineData("tests")]
    [InlineData("servers:redis,s3")]
    public async Task The_servers_of_the_tests_are_among_them(string what)
    {
        Assert.Subset(await Missing(what), new HashSet<string> { "redis-server", "ceph-mon", "ceph-osd", "radosgw" });

        foreach (var program in (string[])["redis-server", "ceph-mon", "ceph-osd", "radosgw"])
            File.CreateSymbolicLink(Path.Combine(programs, program), "/bin/true");

        var rest = await Missing(what);
        Assert.DoesNotContain("redis-server", rest);
        Assert.DoesNotContain("radosgw", rest);
    }

    [Fact]
    public async Task The_program_alone_needs_no_server() => Assert.DoesNotContain("radosgw", await Missing(""));

    private async Task<HashSet<string>> Missing(string what)
    {
        using var asked = Process.Start(new ProcessStartInfo(
            "/bin/bash", ["-c", "PATH=$1; . \"$2\"; missing_packages \"$3\"", "bash", programs, Path.Combine(S3Fixture.Root(), "eng", "lib.sh"), what])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = await asked.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await asked.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, asked.ExitCode);
        return [.. said.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries)];
    }
}
