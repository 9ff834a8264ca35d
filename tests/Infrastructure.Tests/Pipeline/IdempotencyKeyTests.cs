using EventFiles.Infrastructure.Pipeline;
using Microsoft.Extensions.Primitives;

namespace EventFiles.Infrastructure.Tests.Pipeline;

public sealed class IdempotencyKeyTests
{
    [Theory]
    [InlineData("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324")]
    [InlineData("\"8e03978e-40d5-43e8-bc93-6894a57f9324\"", "8e03978e-40d5-43e8-bc93-6894a57f9324")]
    [InlineData("\"two words; and, more\"", "two words; and, more")]
    [InlineData("\"a \\\"quote\\\" and a \\\\\"", "a \"quote\" and a \\")]
    public void A_key_is_a_string_with_quotes_or_without(string sent, string key)
    {
        Assert.True(IdempotencyKey.Receive(sent));
        Assert.Equal(key, IdempotencyKey.Take());
        Assert.Null(IdempotencyKey.Take());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    [InlineData("\"\"")]
    [InlineData("two words")]
    [InlineData("\"unclosed")]
    [InlineData("\"one\", \"two\"")]
    [InlineData("\"with\";parameters=1")]
    [InlineData("\"bad \\escape\"")]
    [InlineData("\"ends in \\\"")]
    [InlineData("naïve")]
    public void Anything_else_is_none(string sent) => Assert.False(IdempotencyKey.Receive(sent));

    [Fact]
    public void Neither_is_a_very_long_one_nor_two()
    {
        Assert.True(IdempotencyKey.Receive(new string('k', 255)));
        Assert.False(IdempotencyKey.Receive(new string('k', 256)));
        Assert.False(IdempotencyKey.Receive(new StringValues(["one", "two"])));
    }
}
