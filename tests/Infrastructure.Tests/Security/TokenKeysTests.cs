using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Tests.Security;

public sealed class TokenKeysTests : IDisposable
{
    private readonly KeyFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_first_start_makes_a_key_that_only_the_server_may_read()
    {
        using var keys = folder.Open();
        var file = Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_start_takes_the_same_key()
    {
        using var before = folder.Open();
        using var after = folder.Open();
        Assert.Equal(before.Current.Id, after.Current.Id);
        Assert.True(after.Current.Verify("x"u8, before.Current.Sign("x"u8)));
    }

    [Fact]
    public void After_a_rotation_the_new_key_signs_and_the_old_still_verifies()
    {
        using var keys = folder.Open();
        var old = keys.Current;
        var id = keys.Rotate();
        Assert.NotEqual(old.Id, id);
        Assert.Equal(id, keys.Current.Id);
        Assert.Same(old, keys.Find(old.Id));
        using var restarted = folder.Open();
        Assert.Equal(id, restarted.Current.Id);
        Assert.NotNull(restarted.Find(old.Id));
    }

    [Fact]
    public void Of_keys_that_are_made_at_the_same_moment_the_last_one_signs()
    {
        using var keys = folder.Open(new ManualTime());
        for (var number = 0; number < 20; number++)
        {
            var before = keys.Current.Id;
            Assert.NotEqual(before, keys.Rotate());
        }
    }

    [Fact]
    public void A_key_that_another_node_made_is_found_but_not_looked_for_at_every_guess()
    {
        var clock = new ManualTime();
        using var here = folder.Open(clock);
        using var there = folder.Open(clock);
        clock.Advance(TimeSpan.FromSeconds(1));
        var id = there.Rotate();
        Assert.Null(here.Find(id));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull(here.Find(id));
    }

    [Fact]
    public void What_is_no_key_is_named()
    {
        folder.Open().Dispose();
        File.WriteAllText(Path.Combine(folder.Path, "x.pem"), "nonsense");
        Assert.Contains("x.pem", Assert.Throws<InvalidOperationException>(() => folder.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_on_another_curve_is_no_key_of_ours()
    {
        folder.Open().Dispose();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        File.WriteAllText(Path.Combine(folder.Path, "x.pem"), other.ExportPkcs8PrivateKeyPem());
        Assert.Throws<InvalidOperationException>(() => folder.Open());
    }

    [Fact]
    public void Many_may_sign_and_verify_at_once()
    {
        using var keys = folder.Open();
        Parallel.For(0, 200, number =>
        {
            var content = BitConverter.GetBytes(number);
            Assert.True(keys.Current.Verify(content, keys.Current.Sign(content)));
        });
    }
}
